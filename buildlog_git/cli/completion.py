"""Completion of ``git buildlog`` in bash, zsh and fish, from the command tree.

Each goes through git's own completion: bash calls ``_git_buildlog``, zsh ``_git-buildlog``, fish
its rules for ``git``. The files are static, so that a press of the tab key starts no Python.
"""

from __future__ import annotations

from buildlog_git.cli.tree import CommandDoc, Option, commands, program

_MADE = "# Made from the command tree by `make pages`: do not edit."
REVISIONS = ("<commit>", "<range>", "<draft>", "<final>", "<base>", "<head>", "<target>")
"""What stands in an argument's place where a commit or a branch belongs."""


def takes_revisions(command: CommandDoc) -> bool:
    """Return whether an argument of the command is a commit or a range."""
    return any(name in a.metavar for a in command.arguments for name in REVISIONS)


def _words_below(words: tuple[str, ...]) -> list[CommandDoc]:
    size = len(words) + 1
    return [c for c in commands() if len(c.words) == size and c.words[:-1] == words]


def _flags(options: tuple[Option, ...]) -> str:
    return " ".join(name for option in options for name in option.names)


# -- bash -----------------------------------------------------------------------------------


def bash() -> str:
    """Return the completion for bash: ``share/bash-completion/completions/git-buildlog``."""
    cases = [_bash_case(command) for command in commands()]
    top = program()
    return "\n".join(
        [
            _MADE,
            "",
            "_git_buildlog ()",
            "{",
            '\tlocal word at=2 path=""',
            "\twhile [ $at -lt $cword ]; do",
            '\t\tword="${words[at]}"',
            '\t\tcase "$path $word" in',
            *(f'\t\t" {c.name}") path=" {c.name}" ;;' for c in commands()),
            '\t\t" buildlog") ;;',
            "\t\tesac",
            "\t\tat=$((at + 1))",
            "\tdone",
            '\tcase "$path $prev" in',
            *(
                f'\t" {command.name} {name}") __gitcomp "{" ".join(option.values)}"; return ;;'
                for command in commands()
                for option in command.options
                for name in option.names
                if option.values
            ),
            "\tesac",
            '\tcase "$path" in',
            *cases,
            "\t*)",
            '\t\tcase "$cur" in',
            f'\t\t-*) __gitcomp "{_flags(top.options)}" ;;',
            f'\t\t*) __gitcomp "{" ".join(c.words[-1] for c in _words_below(()))}" ;;',
            "\t\tesac",
            "\t\t;;",
            "\tesac",
            "}",
            "",
        ]
    )


def _bash_case(command: CommandDoc) -> str:
    below = " ".join(c.words[-1] for c in _words_below(command.words))
    other = (
        f'__gitcomp "{below}"'
        if below
        else "__git_complete_refs"
        if takes_revisions(command)
        else ":"
    )
    return (
        f'\t" {command.name}")\n\t\tcase "$cur" in\n'
        f'\t\t-*) __gitcomp "{_flags(command.options)}" ;;\n'
        f"\t\t*) {other} ;;\n\t\tesac\n\t\t;;"
    )


# -- zsh ------------------------------------------------------------------------------------


def zsh() -> str:
    """Return the completion for zsh: ``share/zsh/site-functions/_git-buildlog``."""
    lines = [
        "#compdef git-buildlog",
        "#description how much of the agents' work people revise",
        _MADE,
        "",
        "__git_buildlog_revisions () {",
        "  local -a refs",
        "  refs=(${(f)\"$(git for-each-ref --format='%(refname:short)' 2>/dev/null)\"} HEAD)",
        "  compadd -a refs",
        "}",
        "",
        *_zsh_function(program()),
    ]
    for command in commands():
        lines += _zsh_function(command)
    return "\n".join([*lines, '_git-buildlog "$@"', ""])


def _zsh_function(command: CommandDoc) -> list[str]:
    below = _words_below(command.words)
    specs = [_zsh_option(option) for option in command.options]
    name = "-".join(["_git-buildlog", *command.words])
    if not below:
        if command.arguments:
            action = "__git_buildlog_revisions" if takes_revisions(command) else "_files"
            specs.append(f"'*:argument:{action}'")
        return [f"{name} () {{", "  _arguments -s \\", *_continued(specs), "}", ""]
    described = [f"    {_quoted(f'{c.words[-1]}:{_plain(c.short)}')}" for c in below]
    return [
        f"{name} () {{",
        "  local curcontext=$curcontext state line",
        "  typeset -A opt_args",
        "  local -a below",
        "  below=(",
        *described,
        "  )",
        "  _arguments -C -s \\",
        *_continued([*specs, "'1:command:->command'", "'*::argument:->argument'"]),
        "  case $state in",
        "  command) _describe command below ;;",
        f"  argument) (( $+functions[{name}-$line[1]] )) && {name}-$line[1] ;;",
        "  esac",
        "}",
        "",
    ]


def _zsh_option(option: Option) -> str:
    what = _plain(option.help).replace("[", "(").replace("]", ")")
    values = f"({' '.join(option.values)})" if option.values else ""
    tail = f":{option.metavar}:{values}" if option.metavar else ""
    names = " ".join(option.names)
    exclusive = f"({names})" if len(option.names) > 1 else ""
    return " ".join(_quoted(f"{exclusive}{name}[{what}]{tail}") for name in option.names)


def _plain(text: str) -> str:
    return text.replace("\\", "").replace(":", "\\:").replace("`", "")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _continued(specs: list[str]) -> list[str]:
    return [*(f"    {spec} \\" for spec in specs[:-1]), f"    {specs[-1]}"]


# -- fish -----------------------------------------------------------------------------------


def fish() -> str:
    """Return the completion for fish: ``share/fish/vendor_completions.d/git-buildlog.fish``."""
    lines = [
        _MADE,
        "",
        "function __git_buildlog_at",
        "    set -l path",
        "    for word in (commandline -opc)[2..]",
        "        test $word = buildlog; and continue",
        "        string match -q -- '-*' $word; or set -a path $word",
        "    end",
        '    string match -q -- "$argv" "$path"; or string match -q -- "$argv *" "$path"',
        "end",
        "",
        "function __git_buildlog_bare",
        "    set -l path",
        "    for word in (commandline -opc)[2..]",
        "        test $word = buildlog; and continue",
        "        string match -q -- '-*' $word; or set -a path $word",
        "    end",
        '    test "$path" = "$argv"',
        "end",
        "",
        "function __git_buildlog_used",
        "    contains -- buildlog (commandline -opc)",
        "end",
        "",
        f"complete -c git -n '__fish_git_needs_command' -a buildlog -d {_fish(program().short)}",
        *(_fish_option("__git_buildlog_bare", option) for option in program().options),
    ]
    for command in commands():
        above = " ".join(command.words[:-1])
        lines.append(
            f"complete -f -c git -n '__git_buildlog_used; and __git_buildlog_bare {above}' "
            f"-a {command.words[-1]} -d {_fish(command.short)}"
        )
        at = f"__git_buildlog_at {command.name}"
        lines += [_fish_option(at, option) for option in command.options]
        if takes_revisions(command):
            refs = "\"(git for-each-ref --format='%(refname:short)' 2>/dev/null)\""
            lines.append(f"complete -f -c git -n '__git_buildlog_used; and {at}' -a {refs}")
    return "\n".join([*lines, ""])


def _fish_option(condition: str, option: Option) -> str:
    names = " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
    )
    value = f' -x -a "{" ".join(option.values)}"' if option.values else ""
    value = value or " -r" * bool(option.metavar)
    return (
        f"complete -c git -n '__git_buildlog_used; and {condition}' {names}{value} "
        f"-d {_fish(option.help)}"
    )


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
