"""The manual page and the completions hold every command and option, as the shells see it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from buildlog_git.cli.pages import pages
from buildlog_git.cli.tree import CommandDoc, commands, program
from tests.builder import PROJECT

SHARE = PROJECT / "share"
GIT_COMPLETION = (
    Path("/usr/share/bash-completion/completions/git"),
    Path("/usr/share/git-core/contrib/completion/git-completion.bash"),
    Path("/etc/bash_completion.d/git"),
)


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


def run(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        args, input=stdin, capture_output=True, text=True, check=False, cwd=PROJECT, env=env or None
    )


def below(words: tuple[str, ...]) -> list[str]:
    """Return the names of the commands that can follow ``words``."""
    size = len(words) + 1
    return [c.words[-1] for c in commands() if len(c.words) == size and c.words[:-1] == words]


def names(command: CommandDoc) -> set[str]:
    return {name for option in command.options for name in option.names}


def test_the_tree_is_that_of_the_program() -> None:
    found = {command.name: command for command in commands()}
    assert {"report", "session", "session start", "rules"} <= found.keys()
    assert found["session"].group
    report = found["report"]
    assert {"--format", "--base", "--by", "--evidence", "--json", "-h"} <= names(report)
    assert [argument.metavar for argument in report.arguments] == ["[<range>...]"]
    assert report.examples[0].line == "git buildlog report"
    assert report.examples[0].what == "the history of what is checked out"
    assert all(command.short and command.text for command in found.values())
    assert names(program()) >= {"-C", "--version"}


@pytest.mark.parametrize("name", sorted(pages()))
def test_what_is_committed_is_what_the_program_makes(name: str) -> None:
    assert (PROJECT / name).read_text() == pages()[name], "`make pages` makes it anew"


# -- the manual page ------------------------------------------------------------------------


def sections() -> dict[str, str]:
    text = pages()["share/man/man1/git-buildlog.1"].replace("\\-", "-").replace("\\(aq", "'")
    parts = re.split(r"^\.SS git buildlog ", text, flags=re.MULTILINE)[1:]
    return {re.split(r" \[?<", part, maxsplit=1)[0]: part for part in parts}


def test_every_command_and_option_is_in_the_manual() -> None:
    found = sections()
    assert set(found) == {command.name for command in commands()}
    for command in commands():
        if command.group:
            continue
        for option in command.options[:-1]:
            assert f"\\fB{', '.join(option.names)}" in found[command.name], command.name
        for argument in command.arguments:
            assert argument.metavar in found[command.name]
        for example in command.examples:
            assert example.line in found[command.name].replace("\\e", "\\")


@needs("groff")
def test_the_manual_is_sound_roff() -> None:
    page = str(SHARE / "man/man1/git-buildlog.1")
    done = run("groff", "-man", "-ww", "-z", "-T", "utf8", page)
    assert (done.returncode, done.stderr) == (0, "")


@needs("man")
def test_git_help_finds_it(tmp_path: Path) -> None:
    command = tmp_path / "git-buildlog"  # git asks for the page of commands that it finds
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    done = run(
        "git", "help", "buildlog",
        PATH=f"{tmp_path}:/usr/bin:/bin", HOME=str(tmp_path), MANPATH=str(SHARE / "man"),
        MANPAGER="cat", LC_ALL="C.UTF-8",
    )  # fmt: skip
    if "has been minimized" in done.stdout or "man viewer" in done.stderr:
        pytest.skip("this machine shows no manual pages")
    assert "git buildlog [<options>] <command>" in re.sub(".\b", "", done.stdout)


# -- bash -----------------------------------------------------------------------------------

_STUB = """
__gitcomp () { COMPREPLY=( $(compgen -W "$1" -- "$cur") ); }
__git_complete_refs () { COMPREPLY=( REFS ); }
"""
_ASK = """
ask () {
    words=("$@"); cword=$(($#-1)); cur=${words[cword]}; prev=${words[cword-1]}; COMPREPLY=()
    _git_buildlog
    echo ${COMPREPLY[@]}
}
"""


@pytest.mark.parametrize("which", ["git's own", "by itself"])
def test_bash_completes_every_command_and_option(which: str) -> None:
    own = next((path for path in GIT_COMPLETION if path.is_file()), None)
    if which == "git's own" and own is None:
        pytest.skip("git's completion for bash is not here")
    start = f"source {own}\n" if which == "git's own" else _STUB
    lines = [start, f"source {SHARE}/bash-completion/completions/git-buildlog\n"]
    lines.append(_ASK)
    asked: list[tuple[tuple[str, ...], str]] = [((), "-"), ((), "")]
    asked += [(c.words, part) for c in commands() for part in ("-", "")]
    lines += [f"ask git buildlog {' '.join(words)} '{part}'\n" for words, part in asked]
    lines += ["ask git buildlog report --by ''\n", "ask git buildlog report --json --by m\n"]
    lines += ["ask git buildlog export --format ''\n", "ask git buildlog rules add --state t\n"]
    lines += ["ask git buildlog rep\n"]
    done = run("bash", "--norc", "--noprofile", stdin="".join(lines))
    assert done.stderr == ""
    *answers, by, month, form, state, rep = done.stdout.splitlines()
    docs = {command.words: command for command in commands()} | {(): program()}
    for (words, part), answer in zip(asked, answers, strict=True):
        found = set(answer.split())
        if part == "-":
            assert found == names(docs[words]), words
        elif below(words):
            assert found == set(below(words))
    assert by.split() == ["agent", "class", "rule", "dir", "month"]
    assert form.split() == ["ndjson", "csv", "sqlite"]
    assert state.strip() == "trial"
    assert (month.strip(), rep.strip()) == ("month", "report")


# -- zsh and fish ---------------------------------------------------------------------------

_ZSH = """
_arguments () { for spec; do print -r -- "SPEC $spec"; done; state=command; }
_describe () { for spec in ${(P)2}; do print -r -- "BELOW ${spec%%:*}"; done; }
_git-buildlog-only () { :; }
source SCRIPT >/dev/null
for name in "$@"; do print -r -- "AT $name"; $name; done
"""


@needs("zsh")
def test_zsh_completes_every_command_and_option() -> None:
    script = _ZSH.replace("SCRIPT", str(SHARE / "zsh/site-functions/_git-buildlog"))
    docs = {"-".join(["_git-buildlog", *c.words]): c for c in [program(), *commands()]}
    done = run("zsh", "-f", "-c", script, "zsh", *docs)
    assert done.returncode == 0, done.stderr
    for part in done.stdout.split("AT ")[1:]:
        name, *rest = part.splitlines()
        specs = [line.removeprefix("SPEC ") for line in rest if line.startswith("SPEC ")]
        found = {
            match[1] for spec in specs if (match := re.match(r"(?:\([^)]*\))?(--?[\w-]+)\[", spec))
        }
        assert found == names(docs[name]), name
        listed = [line.removeprefix("BELOW ") for line in rest if line.startswith("BELOW ")]
        assert listed == below(docs[name].words)


@needs("fish")
def test_fish_completes_every_command_and_option(tmp_path: Path) -> None:
    docs = {c.name: c for c in [program(), *commands()]}
    lines = [f"source {SHARE}/fish/vendor_completions.d/git-buildlog.fish\n"]
    for name in docs:
        for part in ("-", "--", ""):
            asked = " ".join(["git buildlog", *([name] if name else []), part])
            lines.append(f"echo 'AT {json.dumps([name, part])}'; complete -C {json.dumps(asked)}\n")
    done = run(
        "fish", "--no-config", stdin="".join(lines), HOME=str(tmp_path), PATH="/usr/bin:/bin"
    )
    answers: dict[str, set[str]] = {name: set() for name in docs}
    for part in done.stdout.split("AT ")[1:]:
        head, *rest = part.splitlines()
        answers[json.loads(head)[0]].update(line.split("\t")[0] for line in rest)
    for name, command in docs.items():
        assert names(command) <= answers[name], name
        assert set(below(command.words)) <= answers[name]
    assert not {"scan", "report"} & answers["log"]
