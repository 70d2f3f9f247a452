"""The use cases: each module is a function from a context and arguments to a frozen result."""
