"""The one door to git: the only package that starts a git process."""
