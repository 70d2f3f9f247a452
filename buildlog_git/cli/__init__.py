"""The command line: one module a group of commands, each a thin wrapper around a flow."""
