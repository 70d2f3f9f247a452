"""The commands that change rules: only their own files, and only as asked."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Mistake
from buildlog_git.flows.rules import read_rules
from tests.builder import Repo
from tests.cli.test_rules import FOLDER, checked, rule_file
from tests.flows.play import context

if TYPE_CHECKING:
    from pathlib import Path

    from buildlog_git.core.rules import Rule
    from tests.cli.conftest import Cli

CLAUDE = """\
# Our project

It is a library.

## Style
- Use pathlib.
- Never log passwords.

## Testing
Run the tests with:

```
make test
```
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config/buildlog/seeds"


@pytest.fixture
def guided(repo: Repo) -> Repo:
    """Give a repository with files of several agents."""
    return repo.commit(
        {
            "CLAUDE.md": CLAUDE,
            ".cursor/rules/api.mdc": "---\ndescription: api\nglobs: src/api/**, *.ts\n"
            "alwaysApply: false\n---\n- Do not log a password!\n- Validate all input.\n",
            "docs/AGENTS.md": "- Write short sentences.\n",
            "vendor/AGENTS.md": "- Not ours.\n",
            ".claude/rules/buildlog.local.md": "- Made by us.\n",
            ".gitignore": "CLAUDE.local.md\n",
            "CLAUDE.local.md": "- Private.\n",
        },
        "Start",
    )


def files(repo: Repo) -> dict[str, str]:
    folder = repo.path / FOLDER
    return {path.name: path.read_text() for path in folder.iterdir()} if folder.exists() else {}


def read(repo: Repo, name: str) -> Rule:
    found = read_rules(repo.path).get(name)
    assert found
    return found


def test_import(cli: Cli, guided: Repo) -> None:
    ran = cli("rules", "import", "--dry-run", "--json", at=guided.path)
    planned = checked(ran.json, "rules-import")
    assert files(guided) == {}
    assert [(rule["id"], rule["source"], rule["scope"]) for rule in planned["rules"]] == [
        ("use-pathlib", "CLAUDE.md:6", []),
        ("never-log-passwords", "CLAUDE.md:7", []),
        ("run-tests", "CLAUDE.md:10", []),
        ("write-short-sentences", "docs/AGENTS.md:1", ["docs/**"]),
        ("validate-input", ".cursor/rules/api.mdc:7", ["src/api/**", "*.ts"]),
    ]
    assert [(piece["source"], piece["rule"]) for piece in planned["left"]] == [
        ("CLAUDE.md:3", None), (".cursor/rules/api.mdc:6", "never-log-passwords"),
    ]  # fmt: skip
    assert cli("rules", "import", "--json").json["rules"] == planned["rules"]
    rule = read(guided, "run-tests")
    assert files(guided)["run-tests.md"] == (
        f"---\nid: run-tests\ntitle: {rule.title}\nclass: tests\nstate: pinned\n"
        f"added: {rule.added}\norigin: {rule.digest}\nsource: CLAUDE.md\n---\n\n"
        "Run the tests with:\n\n```\nmake test\n```\n"
    )
    assert guided.git("status", "--porcelain") == "?? .buildlog/"


def test_importing_again_adds_nothing(cli: Cli, guided: Repo) -> None:
    cli("rules", "import", at=guided.path)
    cli("rules", "retire", "validate-input")
    path = guided.path / FOLDER / "use-pathlib.md"
    path.write_text(path.read_text().replace("Use pathlib.", "Paths are pathlib's."))
    before = files(guided)
    again = cli("rules", "import", "--json").json
    assert again["rules"] == []
    assert {piece["rule"]: piece["why"] for piece in again["left"] if piece["rule"]} == {
        "use-pathlib": "is there already, reworded",
        "never-log-passwords": "says the same",
        "run-tests": "is there already",
        "write-short-sentences": "is there already",
        "validate-input": "was retired",
    }
    assert files(guided) == before
    assert cli("rules", "import").out.startswith("Nothing new in 3 files; 7 pieces left.\n")


def test_what_a_person_reads_after_an_import(cli: Cli, guided: Repo) -> None:
    told = cli("rules", "import", "--dry-run", at=guided.path).out
    assert told.startswith("5 rules would be added from 3 files, about ")
    assert "\ndocs/AGENTS.md  for docs/**\n" in told
    assert "it describes and asks for nothing" in told
    assert "git buildlog rules trial <id>" in told
    told = cli("rules", "import", "--state", "trial", "CLAUDE.md").out
    assert "they are never off and nothing can be learned" in " ".join(told.split())


def test_a_file_that_no_agent_reads_is_not_said_to_be_read(cli: Cli, guided: Repo) -> None:
    guided.write({"notes.md": "- Always ask before you delete.\n"})
    ran = cli("rules", "import", "notes.md", "--json", at=guided.path)
    assert ran.json["always_read"] == []
    guided.write({"notes.md": "- Never delete at night.\n"})
    told = " ".join(cli("rules", "import", "notes.md", "--state", "trial").out.split())
    assert "always read" not in told
    assert "Nothing is committed: git add .buildlog/rules" in told
    guided.write({"notes.md": "- Never delete on a Friday.\n"})
    assert "git buildlog rules render puts them" in cli("rules", "import", "notes.md").out
    assert "no agents' files" not in cli("rules", "import", "notes.md").out


def test_a_rule_on_trial_that_is_always_read_is_said(cli: Cli, guided: Repo) -> None:
    cli("rules", "import", at=guided.path)
    assert "never-off" not in cli("rules", "--check").out
    changed = cli("rules", "trial", "use-pathlib", "--json").json
    assert [one["rule"] for one in changed["never_off"]] == ["use-pathlib"]
    name, _, line = changed["never_off"][0]["place"].rpartition(":")
    source = (guided.path / name).read_text()
    assert "pathlib" in source.splitlines()[int(line) - 1]
    told = cli("rules", "trial", "use-pathlib").out
    assert f"Note: agents read use-pathlib in any case, in {name}:{line}: never off" in told
    told = cli("rules", "--check").out
    assert f"note: use-pathlib: is on trial, and always read in {name}:{line} [never-off]" in told
    kept = [row for row in source.splitlines(keepends=True) if "pathlib" not in row]
    (guided.path / name).write_text("".join(kept))
    assert "never-off" not in cli("rules", "--check").out
    assert cli("rules", "trial", "use-pathlib", "--json").json["never_off"] == []


def test_what_was_imported_is_not_read_twice_in_silence(cli: Cli, guided: Repo) -> None:
    cli("rules", "import", "CLAUDE.md", at=guided.path)
    told = cli("rules", "render").err
    assert "CLAUDE.md: " in told
    assert "take them out, or agents read them twice" in told
    path = guided.path / "CLAUDE.md"
    path.write_bytes(path.read_bytes()[path.read_bytes().index(b"<!-- buildlog:begin") :])
    assert "CLAUDE.md: " not in cli("rules", "render").err


def test_named_files_and_what_cannot_be_read(
    cli: Cli, guided: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "style.md").write_text("The core is small.\n")
    style = str(tmp_path / "style.md")
    assert cli("rules", "import", style, "--json", at=guided.path).json["rules"] == []
    done = cli("rules", "import", style, "--all", "--json").json
    assert [(rule["id"], rule["scope"]) for rule in done["rules"]] == [("core-small", [])]
    assert str(tmp_path) not in files(guided)["core-small.md"]
    (guided.path / "docs/deep").mkdir()
    monkeypatch.chdir(guided.path / "docs/deep")
    done = cli("rules", "import", "../AGENTS.md", "--json").json
    assert [(r["source"], r["scope"]) for r in done["rules"]] == [("docs/AGENTS.md:1", ["docs/**"])]
    (tmp_path / "bad.md").write_bytes(b"- Use \xff\n")
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "huge.md").write_text("- Use it.\n" * 200_000)
    for name in ("bad.md", "pipe.md", "huge.md", "none.md"):
        assert "[unreadable-file]" in cli("rules", "import", str(tmp_path / name), code=2).err


def test_files_that_are_found_but_not_fit_to_read(cli: Cli, guided: Repo, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("- Use the secret.\n")
    (guided.path / "AGENTS.md").symlink_to("CLAUDE.md")
    (guided.path / "GEMINI.md").symlink_to(tmp_path / "secret.md")
    guided.write({".cursorrules": b"\xff\xfe- Use it.\n"})
    ran = cli("rules", "import", "--json", at=guided.path)
    assert len(ran.json["rules"]) == 5
    assert "GEMINI.md: it is a symbolic link out of the work tree" in ran.err
    assert ".cursorrules: it is not UTF-8" in ran.err
    # Of a file and a link to it, the first by name is read.
    assert {"source": "CLAUDE.md", "text": "", "rule": None,
            "why": "it is the same file as AGENTS.md"} in ran.json["left"]  # fmt: skip


def test_too_many_rules_are_refused_before_any_is_written(cli: Cli, repo: Repo) -> None:
    repo.write({"CLAUDE.md": "".join(f"- Use name{n} and other{n * 7}.\n" for n in range(300))})
    assert "[too-many-rules]" in cli("rules", "import", at=repo.path, code=2).err
    assert not (repo.path / FOLDER).exists()


def test_odd_names_and_pieces_cost_nothing_else(cli: Cli, repo: Repo) -> None:
    repo.write(
        {
            "a,b 'c'/AGENTS.md": "- Use it here.\n",
            "up\x1b[31m/AGENTS.md": "- Use odd names.\n",
            "CLAUDE.md": f"Never do \x1b[31m:\n- so\n## B\n- Use {'x' * 300_000}\n- Be brief.\n",
            ".github/instructions/ts.instructions.md": (
                '---\napplyTo: "**/*.ts,**/*.{js,jsx}"\n---\n- Validate all input.\n'
            ),
            ".clinerules/one.md": "\ufeff- Ask before you delete.\r\n",
        }
    )
    ran = cli("rules", "import", "--json", at=repo.path)
    assert {rule["id"]: rule["scope"] for rule in ran.json["rules"]} == {
        "use-here": ["a?b ?c?/**"],
        "be-brief": [],
        "validate-input": ["**/*.ts", "**/*.{js,jsx}"],
        "ask-before-delete": [],
    }
    assert "a rule cannot name it" in ran.err
    assert "\x1b" not in ran.err
    reasons = " ".join(piece["why"] for piece in ran.json["left"])
    assert "too large" in reasons
    assert "control characters" in reasons
    assert cli("rules", "--check").out.endswith("0 problems.\n")
    repo.write({"AGENTS.md": "".join(f"- Use n{n}.\n" for n in range(10_000))})
    assert "[too-many-rules]" in cli("rules", "import", "--dry-run", code=2).err


def test_no_agents_files(cli: Cli, repo: Repo) -> None:
    assert "There are no agents' files here" in cli("rules", "import", at=repo.path).out


# -- adding ---------------------------------------------------------------------------------


def test_add(cli: Cli, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    added = checked(
        cli("rules", "add", "Do not mock the database.", "--json", at=repo.path).json, "rules-add"
    )
    assert [(rule["id"], rule["state"]) for rule in added["rules"]] == [
        ("do-not-mock-database", "trial")
    ]
    stdin = io.TextIOWrapper(io.BytesIO("\ufeff**Be brief.**\r\n\r\nÄh.\r\n".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    cli("rules", "add", "-", "--id", "brief", "--title", "Brevity", "--class", "docs",
        "--scope", "docs/**", "--scope", "*.md", "--state", "pinned")  # fmt: skip
    rule = read(repo, "brief")
    assert rule.text == "**Be brief.**\n\nÄh."
    assert (rule.title, rule.error_class, rule.scope, rule.state) == (
        "Brevity", "docs", ("docs/**", "*.md"), "pinned",
    )  # fmt: skip
    told = cli("rules", "add", "Always mock the database").out
    assert "Contradiction: do-not-mock-database and always-mock-database" in told


@pytest.mark.parametrize(
    ("args", "slug", "code"),
    [
        (("x", "--id", "../x"), "bad-rule-id", 2),
        (("x", "--id", "a..b"), "bad-rule-id", 2),
        (("x", "--id", "Known"), "rule-id-taken", 2),
        (("x", "--id", "README"), "rule-id-taken", 2),
        (("use pathlib!",), "rule-exists", 2),
        (("",), "no-text", 2),
        (("a\x1b[31m",), "bad-rule", 128),
        (("x" * 300_000, "--id", "x"), "bad-rule", 128),
        (("x", "--class", "two words"), "bad-name", 2),
        (("x", "--state", "odd"), "bad-state", 2),
        ((), "usage", 2),
        (("x", "--seed", "git"), "usage", 2),
        (("--seed", "nope"), "unknown-seed", 2),
        (("--seed", "git/nope"), "unknown-seed", 2),
        (("--seed", "../git"), "unknown-seed", 2),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_what_is_not_added(
    cli: Cli, repo: Repo, args: tuple[str, ...], slug: str, code: int
) -> None:
    repo.write({f"{FOLDER}/known.md": rule_file("Use pathlib.", id="known")})
    before = files(repo)
    ran = cli("rules", "add", "--json", *args, at=repo.path, code=code)
    assert f"[{slug}]" in ran.err
    assert "\x1b" not in ran.err
    assert files(repo) == before
    assert not (repo.path / "x.md").exists()


def test_a_present_that_no_calendar_reaches(
    cli: Cli, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDLOG_NOW", "9" * 18)
    cli("rules", "add", "Return early from a function.", at=repo.path)
    (file,) = (repo.path / ".buildlog" / "rules").iterdir()
    assert "added: 9999-12-31" in file.read_text().splitlines()


def test_nothing_is_written_elsewhere(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.path / ".buildlog").symlink_to(outside)
    ran = cli("rules", "add", "Be brief.", at=repo.path, code=128)
    assert "[rule-folder]" in ran.err
    assert list(outside.iterdir()) == []
    (outside / "rules").mkdir()
    (outside / "rules/theirs.md").write_text("Theirs.\n")
    ran = cli("rules", "list", "--json")
    assert ran.json["rules"] == []
    assert "behind a symbolic link" in ran.err
    assert "[unknown-rule]" in cli("rules", "pin", "theirs", code=2).err
    (repo.path / ".buildlog").unlink()
    repo.write({".buildlog": "a file\n"})
    assert "[rule-folder]" in cli("rules", "add", "Be brief.", code=128).err


# -- states ---------------------------------------------------------------------------------


def test_a_state_is_changed_in_its_file_only(cli: Cli, repo: Repo) -> None:
    odd = b"\xef\xbb\xbf---\r\nid: odd\r\nstate:   trial # for now\r\nx: [1]\r\n---\r\n Text \r\n"
    repo.write({f"{FOLDER}/odd.md": odd, f"{FOLDER}/plain.md": "Be brief.\n"})
    changed = checked(
        cli("rules", "pin", "odd", "plain", "odd", "--json", at=repo.path).json, "rules-pin"
    )
    assert [(rule["id"], rule["before"], rule["after"]) for rule in changed["rules"]] == [
        ("odd", "trial", "pinned"), ("plain", "trial", "pinned"),
    ]  # fmt: skip
    assert (repo.path / FOLDER / "odd.md").read_bytes() == odd.replace(b"  trial", b"pinned")
    assert files(repo)["plain.md"] == "---\nstate: pinned\n---\nBe brief.\n"
    assert cli("rules", "pin", "odd").out == "odd is already pinned\n"
    assert cli("rules", "trial", "odd").out == "odd is on trial, was pinned\n"
    checked(cli("rules", "retire", "odd", "--json").json, "rules-retire")
    assert read(repo, "odd").state == "retired"


def test_an_unknown_rule_changes_none(cli: Cli, repo: Repo) -> None:
    repo.write({f"{FOLDER}/one.md": "One.\n", f"{FOLDER}/bad.md": b"\xff"})
    ran = cli("rules", "retire", "one", "bad", at=repo.path, code=2)
    assert "bad.md: it is not UTF-8" in ran.err
    assert files_raw(repo) == {"one.md": b"One.\n", "bad.md": b"\xff"}


def files_raw(repo: Repo) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (repo.path / FOLDER).iterdir()}


def test_no_link_is_written_through(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "theirs.md").write_text("Theirs.\n")
    repo.write({"docs/ours.md": "Ours.\n", f"{FOLDER}/x.txt": ""})
    (repo.path / FOLDER / "ours.md").symlink_to("../../docs/ours.md")
    (repo.path / FOLDER / "theirs.md").symlink_to(tmp_path / "theirs.md")
    (repo.path / FOLDER / "config.md").symlink_to("../../.git/config")
    ran = cli("rules", "list", "--json", at=repo.path)
    assert [rule["id"] for rule in ran.json["rules"]] == ["ours"]
    assert ran.err.count("it is a symbolic link out of the work tree") == 2
    assert "[rule-is-a-link]" in cli("rules", "pin", "ours", code=128).err
    assert (repo.path / "docs/ours.md").read_text() == "Ours.\n"


# -- seeds ----------------------------------------------------------------------------------


def test_the_shipped_packs_are_sound(cli: Cli, repo: Repo, home: Path) -> None:
    assert not home.exists()
    listed = checked(cli("rules", "seeds", "--json", at=repo.path).json, "rules-seeds")
    assert listed["problems"] == []
    assert [pack["name"] for pack in listed["packs"]] == ["git", "python", "security", "tests"]
    for pack in listed["packs"]:
        assert pack["level"] == "shipped"
        assert 8 <= len(pack["rules"]) <= 12
        cli("rules", "add", "--seed", pack["name"])
    rules = read_rules(repo.path).rules
    assert len(rules) == sum(len(pack["rules"]) for pack in listed["packs"])
    assert {(rule.state, bool(rule.seed), bool(rule.added)) for rule in rules} == {
        ("trial", True, True)
    }
    assert all(rule.tokens < 80 for rule in rules)
    again = cli("rules", "add", "--seed", "git", "--json").json
    assert (again["rules"], {piece["why"] for piece in again["left"]}) == ([], {"is there already"})
    assert "  + git-one-idea" in cli("rules", "seeds").out
    assert "\nContradiction" not in cli("rules", "add", "Be kind.").out


def test_three_levels(cli: Cli, repo: Repo, home: Path) -> None:
    home.mkdir(parents=True)
    mine = "rules:\n- id: mine\n  text: Be kind.\n  scope: [a, b]\n"
    (home / "git.yaml").write_text(mine)
    (home / "own.yml").write_text("title: Own\nrules:\n- {id: own, text: Be own.}\n")
    listed = cli("rules", "seeds", "--json", at=repo.path).json["packs"]
    assert [(pack["name"], pack["level"], pack["hides"]) for pack in listed[:2]] == [
        ("git", "user", ["shipped"]), ("own", "user", []),
    ]  # fmt: skip
    repo.write({".buildlog/seeds/git.yaml": mine.replace("mine", "ours")})
    listed = cli("rules", "seeds", "--json").json["packs"]
    assert (listed[0]["level"], listed[0]["hides"]) == ("repository", ["user", "shipped"])
    cli("rules", "add", "--seed", "git/ours")
    rule = read(repo, "ours")
    assert (rule.seed, rule.state, rule.scope, rule.text) == (
        "git",
        "trial",
        ("a", "b"),
        "Be kind.",
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a: [", "it is no valid YAML"),
        ("- a", "it has no list of rules"),
        ("rules: [1]", "rule 1 has no id or no text"),
        ("rules: [{id: ../x, text: x}]", "rule 1 cannot be one"),
        ("rules: [{id: x, text: x}, {id: x, text: y}]", "two rules with the id x"),
        ("rules: [{id: x, text: x, odd: 1}]", "an unknown key: odd"),
        ("rules: [{id: x, text: x, scope: 1}]", "no list of globs"),
        ("a: &a [x]\nb: *a", "aliases are not read"),
        ("rules: !!python/object/apply:os.system ['touch owned']", "it is no valid YAML"),
        (b"\xff\xfe\xff", "it is not UTF-8"),
        ("[" * 100_000, "it is no valid YAML"),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_bad_packs(cli: Cli, repo: Repo, home: Path, content: str | bytes, why: str) -> None:
    assert not home.exists()
    repo.write({".buildlog/seeds/bad.yaml": content})
    ran = cli("rules", "seeds", "--json", at=repo.path)
    assert len(ran.json["packs"]) == 4
    assert why in ran.err
    assert "[bad-seed]" in cli("rules", "add", "--seed", "bad", code=2).err
    assert not (repo.path / "owned").exists()


# -- proposals ------------------------------------------------------------------------------


def test_propose(cli: Cli, repo: Repo) -> None:
    repo.commit({"a": "x\n"}, "Start")
    told = checked(cli("rules", "propose", "--json", at=repo.path).json, "rules-propose")
    assert told == {"proposals": [], "written": [], "problems": []}
    assert "Nothing to propose" in cli("rules", "propose").out
    assert "[unknown-proposal]" in cli("rules", "propose", "--add", "x", code=2).err
    said = "left the file open"
    context(repo).ledger.append(
        Mistake(Oid(repo.head), at, "errors", said + "!" * at, "person", session=f"s{at}")
        for at in (1, 2)
    )
    (found,) = cli("rules", "propose", "--json").json["proposals"]
    text = cli("rules", "propose").out
    assert f"{found['id']}  pending, from mistakes" in text
    assert "left the file open" in text
    assert "git buildlog rules propose --add <id>" in text
    assert "Written: .buildlog/rules/" in cli("rules", "propose", "--add", found["id"]).out
    assert read(repo, found["id"]).state == "trial"
