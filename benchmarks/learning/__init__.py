"""The learning against a world whose truth is known, and against the system that it replaces."""
