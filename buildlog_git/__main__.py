"""``python -m buildlog_git`` is ``git buildlog``."""

from buildlog_git.cli.app import run

if __name__ == "__main__":
    run()
