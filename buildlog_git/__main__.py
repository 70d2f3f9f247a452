"""``python -m buildlog_git`` is ``git buildlog``; hooks come in by a door that loads less."""

import sys


def main() -> None:
    """Run the command line and exit."""
    if sys.argv[1:2] == ["drain"] and set(sys.argv[2:]) <= {"--summary"}:
        from buildlog_git.hooks.entry import main as drain

        sys.exit(drain(sys.argv[2:]))
    if sys.argv[1:2] == ["hook"]:
        from buildlog_git.hooks.stage import main as hook

        sys.exit(hook(sys.argv[2:]))
    from buildlog_git.cli.app import run

    run()


if __name__ == "__main__":
    main()
