"""``report`` in all its formats, for a pull request, in groups, by both tiers of evidence."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from buildlog_git.core.distance import distance
from buildlog_git.core.events import Draft
from buildlog_git.core.ids import Oid
from buildlog_git.core.region import Account
from buildlog_git.core.revise import Owned
from buildlog_git.flows.context import open_context
from tests.builder import BOT, COLLEAGUE, Person, Repo
from tests.render.reading import Reading, read_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli

WORDS = ("accepted", "revised", "rejected", "not measurable")
TEXT = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
COPILOT = Person("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com")


# -- one computation, many outputs ----------------------------------------------------------


def numbers(text: str) -> dict[str, Any]:
    """Return what a text format says, read from its words."""
    found: dict[str, Any] = {"outcomes": {}}
    if mean := re.search(r"Revision distance\s*(<?\d\.\d\d)\s*(\[[\d.-]+\])?", text):
        found["mean"], found["interval"] = mean[1], mean[2] or ""
    if n := re.search(r"([\d,]+) drafts? measured", text):
        found["n"] = int(n[1])
    if touched := re.search(r"People changed (\S+ %) of the drafts", text):
        found["touched"] = touched[1]
    ended = re.search(rf"Outcomes: ((?:[\d,]+ (?:{'|'.join(WORDS)})(?:, )?)*)", text)
    for number, word in re.findall(rf"([\d,]+) ({'|'.join(WORDS)})", ended[1] if ended else ""):
        found["outcomes"][word] = int(number)
    for name in ("commit", "agent commit", "draft"):
        if said := re.search(rf"([\d,]+) {name}s?\b(?! measured)", text):
            found[name] = int(said[1])
    return found


def numbers_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return the same from the JSON, written as people read it."""
    mean, names = report["distance"], ("accepted", "revision", "rejected", "unmeasurable")
    found: dict[str, Any] = {
        "outcomes": {
            word: report["outcomes"][name]
            for name, word in zip(names, WORDS, strict=True)
            if report["outcomes"][name]
        },
        "commit": report["commits"]["total"],
        "agent commit": report["commits"]["agent"],
        "draft": len(report["drafts"]),
    }
    if mean["mean"] is not None:
        found["mean"], found["n"] = f"{mean['mean']:.2f}", mean["n"]
        found["interval"] = (
            f"[{mean['low']:.2f}-{mean['high']:.2f}]" if mean["low"] is not None else ""
        )
        if report["touched"]:
            found["touched"] = f"{100 * report['touched']:.0f} %"
    return found


def in_words(page: Reading) -> str:
    """Return what a page says to those who do not see it."""
    labels = [value for name, value in page.attributes if name == "aria-label"]
    return re.sub(r"\s+", " ", " ".join([page.text, *labels]))


def agents_in(tables: list[list[list[str]]]) -> dict[str, tuple[str, ...]]:
    """Return each agent's commits, drafts, lines and distance from the tables of a page."""
    for head, *rows in tables:
        if head[0] == "Agent":
            wanted = [head.index(name) for name in ("Commits", "Drafts", "Lines", "Distance")]
            return {row[0]: tuple(row[at].strip() for at in wanted) for row in rows}
    return {}


@pytest.mark.parametrize("which", ["empty", "one draft", "demo"])
def test_every_format_has_the_same_numbers(
    cli: Cli, tmp_path: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if which == "demo":
        cli("demo", "place")
    else:
        repo = Repo.init(tmp_path / "place")
        if which == "one draft":
            repo.agent_commit({"a.py": TEXT}).commit({"a.py": TEXT.replace("a - b", "b - a")})
    formats = ("markdown", "summary", "html", "json", "terminal")
    files = {name: tmp_path / f"report.{name}" for name in formats}
    asked = [f"--format={name}:{file}" for name, file in files.items()]
    shown = cli("report", *asked, "--format", "terminal", at=tmp_path / "place").out
    report = json.loads(files["json"].read_text())
    wanted = numbers_of(report)
    assert shown == files["terminal"].read_text()
    texts = {
        "terminal": re.sub(r"\s+", " ", shown),
        "markdown": read_markdown(files["markdown"].read_text()).text,
        "summary": read_markdown(files["summary"].read_text()).text,
        "html": in_words(Reading(files["html"].read_text())),
    }
    for name, text in texts.items():
        assert numbers(text) == wanted, name
    agents = {
        name: (
            f"{item['commits']:,}", f"{item['drafts']:,}", f"{item['lines']:,}",
            f"{item['distance']:.2f}",
        )
        for name, item in report["agents"].items()
    }  # fmt: skip
    assert agents_in(read_markdown(files["markdown"].read_text()).tables) == agents
    assert agents_in(Reading(files["html"].read_text()).tables) == agents
    for name, cells in agents.items():
        assert re.search(rf"^{name} +{' +'.join(cells)}\b", shown, re.MULTILINE)


def test_json_alone_is_the_same_by_both_names(cli: Cli, story: Repo) -> None:
    assert cli("report", "--json", at=story.path).out == cli("report", "--format=json").out


def test_files_are_named_from_where_git_works(cli: Cli, story: Repo) -> None:
    above = story.path.parent
    assert cli("-C", "repo", "report", "--format", "json:out.json", at=above).out == ""
    assert json.loads((story.path / "out.json").read_text())["schema"] == "buildlog.report/1"
    assert cli("report", "--format", "markdown:-", at=story.path).out.startswith("<!-- git")


@pytest.mark.parametrize(
    ("args", "slug"),
    [
        (("--format", "pdf"), "bad-format"),
        (("--format", "html:"), "bad-format"),
        (("--format", "json", "--format", "markdown"), "bad-format"),
        (("--json", "--format", "html"), "bad-format"),
        (("--format", "html:no/such/folder.html"), "cannot-write"),
        (("--by", "person"), "bad-choice"),
        (("--evidence", "all"), "bad-choice"),
        (("--evidence", "strict", "--stored"), "bad-combination"),
        (("--base", "main", "main..HEAD"), "bad-combination"),
        (("--base", "nowhere"), "unknown-revision"),
        (("--base=--output=x",), "unknown-range"),
    ],
)
def test_what_cannot_be(cli: Cli, story: Repo, args: tuple[str, ...], slug: str) -> None:
    ran = cli("report", *args, at=story.path, code=2)
    assert f"[{slug}]" in ran.err
    assert ran.out == ""
    assert not (story.path / "x").exists()


# -- a pull request -------------------------------------------------------------------------


def pull_request(repo: Repo) -> Repo:
    """Tell a story with two drafts on main and a branch of two drafts and a person's edit."""
    repo.commit({"README": "hello\n"}, "Start")
    repo.agent_commit({"old.py": TEXT}).commit({"old.py": TEXT.replace("a + b", "b + a")})
    repo.agent_commit({"kept.py": TEXT.replace("add", "put")})
    repo.switch("topic", create=True)
    repo.agent_commit({"a.py": TEXT, "lib/b.py": TEXT.replace("sub", "less")}, agent="copilot")
    repo.agent_commit({"c.py": "first = 'one'\nsecond = 'two'\nthird = 'three'\n"})
    return repo.commit({"lib/b.py": TEXT.replace("sub", "less").replace("a - b", "b * a * 2")})


def test_a_pull_request_beside_its_repository(cli: Cli, repo: Repo) -> None:
    pull_request(repo)
    base = repo.id_of("main")
    report = cli("report", "--base", "main", "--json", at=repo.path).json
    whole = cli("report", "main", "--json").json
    ranged = cli("report", "main..HEAD", "--json").json
    assert report["range"] == "main...HEAD"
    assert [d["commit"] for d in report["drafts"]] == [d["commit"] for d in ranged["drafts"]]
    assert report["commits"] == {"total": 3, "agent": 2, "human": 0, "unknown": 1}
    request = report["request"]
    assert (request["base"], request["merge_base"], request["head"]) == ("main", base, repo.head)
    assert request["repository"] == whole["distance"]
    values = [draft["distance"] for draft in whole["drafts"]]
    assert request["median"] == (min(values) + max(values)) / 2
    assert request["changed_text"] == whole["changed_text"]
    assert request["reworked"] == {repo.id_of("HEAD~2"): "lib/b.py"}
    # It is the distance that the command of that name measures.
    alone = cli("distance", "HEAD~2", "--json").json
    item = next(d for d in report["drafts"] if d["commit"] == repo.id_of("HEAD~2"))
    assert item["distance"] == pytest.approx(alone["distance"])
    owned = Owned(alone["tokens"], alone["removed"], alone["lines"], len(alone["files"]))
    assert item["distance"] == pytest.approx(distance(owned, Account(**alone["account"])))


def test_the_base_may_have_gone_on(cli: Cli, repo: Repo) -> None:
    pull_request(repo)
    before = cli("report", "--base", "main", "--json", at=repo.path).json
    repo.switch("main").commit({"else.py": "1\n"}).agent_commit({"more.py": "more = 1\nless = 2\n"})
    away = cli("report", "--base", "main", "topic", "--json").json
    assert away["range"] == "main...topic"
    assert away["drafts"] == before["drafts"]
    assert away["request"]["merge_base"] == before["request"]["merge_base"]
    merged = repo.merge("topic").head
    there = cli("report", "--base", f"{merged}^1", "--json").json
    assert {d["commit"] for d in there["drafts"]} == {d["commit"] for d in before["drafts"]}


def test_a_pull_request_without_drafts(cli: Cli, repo: Repo) -> None:
    repo.commit({"a": "1\n"}).switch("topic", create=True).commit({"a": "2\n"})
    text = cli("report", "--base", "main", "--format", "markdown", at=repo.path).out
    assert "### No agent commit in this pull request" in text
    assert "no measured drafts to compare with" in text
    assert "No agent commit" in cli("report", "--base", "main").out


def test_histories_without_a_common_commit(cli: Cli, repo: Repo) -> None:
    repo.commit({"a": "1\n"}).orphan("other").commit({"b": "1\n"})
    assert "[no-merge-base]" in cli("report", "--base", "main", at=repo.path, code=2).err


def test_a_pull_request_at_a_terminals_width(cli: Cli, repo: Repo) -> None:
    pull_request(repo)
    lines = cli("report", "--base", "main", at=repo.path).out.splitlines()
    assert max(map(len, lines)) <= 80
    (row,) = (line for line in lines if line.endswith("lib/b.py"))
    assert row.split()[:2] == [repo.id_of("HEAD~2")[:10], "copilot"]
    assert any("In the repository before" in line for line in lines)


# -- groups ---------------------------------------------------------------------------------


def groups(report: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {each["name"]: (each["drafts"], each["n"]) for each in report["groups"]["groups"]}


def test_groups(cli: Cli, repo: Repo) -> None:
    pull_request(repo).wait(days=40)
    repo.agent_commit({"x/y/z/deep.py": TEXT.replace("a", "k")}).commit({"n": "1\n"})
    repo.commit(None, "A class\n\nBuildlog-Class: tests")

    def by(what: str) -> dict[str, tuple[int, int]]:
        return groups(cli("report", "--by", what, "--json", at=repo.path).json)

    assert by("agent") == {"claude": (4, 4), "copilot": (1, 1)}
    assert by("month") == {"2026-01": (4, 4), "2026-02": (1, 1)}
    assert by("dir") == {"(top)": (4, 4), "lib/": (1, 1), "x/y/": (1, 1)}
    assert by("rule") == {"(no rule)": (5, 5)}
    assert sum(drafts for drafts, _ in by("class").values()) == 5
    text = cli("report", "--by", "dir").out
    assert re.search(r"^lib/ +1 +1 +\d+ +0\.\d\d", text, re.MULTILINE)
    assert cli("report", "--json").json["groups"] is None


def test_groups_by_class_and_rule_are_those_of_the_session(cli: Cli, repo: Repo) -> None:
    rules = {f".buildlog/rules/{name}.md": f"Be {name}.\n" for name in ("brief", "kind")}
    repo.commit(rules, "Rules").switch("fix/it", create=True)
    started = cli("session", "start", "--force", "brief", "--json", at=repo.path).json
    repo.agent_commit({"a.py": TEXT}, f"Add\n\nBuildlog-Session: {started['id']}")
    repo.commit({"a.py": TEXT.replace("a - b", "b - a")})
    cli("scan")
    report = cli("report", "--by", "class", "--json").json
    (draft,) = report["drafts"]
    assert draft["error_class"] == "bugfix"
    assert groups(report) == {"bugfix": (1, 1)}
    assert "brief" in draft["rules"]
    found = groups(cli("report", "--by", "rule", "--json").json)
    assert found == dict.fromkeys(draft["rules"], (1, 1))


# -- evidence -------------------------------------------------------------------------------


def test_strict_evidence_takes_trailers_for_people(cli: Cli, repo: Repo) -> None:
    repo.commit({"README": "hello\n"}, "Start")
    repo.commit({"a.py": TEXT}, "By its author", COPILOT)
    repo.agent_commit({"a.py": TEXT.replace("a - b", "b * a")}, "Edit by a marked agent")
    repo.commit({"b": "1\n"}, "By nobody known", COLLEAGUE).commit({"c": "1\n"}, "Bump", BOT)
    loose = cli("report", "--evidence", "loose", "--json", at=repo.path).json
    strict = cli("report", "--evidence", "strict", "--json").json
    assert loose["evidence"]["channels"] == {"identity": 1, "trailer": 1}
    assert strict["evidence"]["channels"] == {"identity": 1}
    assert (loose["evidence"]["tier"], strict["evidence"]["tier"]) == ("loose", "strict")
    # What the marked agent replaced is nobody's judgement; without its mark it is a person's.
    first = next(d for d in loose["drafts"] if d["agent"] == "copilot")
    (same,) = strict["drafts"]
    assert same["commit"] == first["commit"]
    assert (first["distance"], first["self_revision"]) == (
        0.0,
        pytest.approx(first["self_revision"]),
    )
    assert first["self_revision"] > 0
    assert same["distance"] > 0
    assert loose["evidence"]["other"] == strict["distance"]
    assert strict["evidence"]["other"] == loose["distance"]
    assert strict["commits"] == {"total": 5, "agent": 1, "human": 0, "unknown": 4}
    assert cli("report", "--json").json["evidence"]["other"] is None
    # What is written down already does not change what strict evidence finds.
    cli("scan")
    again = cli("report", "--evidence", "strict", "--json").json
    assert again["drafts"] == strict["drafts"]
    assert again["distance"] == strict["distance"]
    text = " ".join(cli("report", "--evidence", "strict").out.split())
    assert "Evidence: this report counts by strict evidence" in text
    assert re.search(r"by all evidence .* the mean is 0\.\d\d", text)


def test_strict_evidence_keeps_what_hooks_saw(cli: Cli, repo: Repo) -> None:
    repo.commit({"README": "hello\n"}, "Start")
    draft = repo.commit({"a.py": TEXT}, "No mark").head
    repo.commit({"a.py": TEXT.replace("a - b", "b * a")}, "Edit")
    seen = Draft(
        commit=Oid(draft), at=repo.clock.now - 3600, agent="claude", channel="environment",
        tokens=24, removed=0, lines=4, files=1,
    )  # fmt: skip
    open_context(repo.path).ledger.append([seen])
    strict = cli("report", "--evidence", "strict", "--json", at=repo.path).json
    assert [d["commit"] for d in strict["drafts"]] == [draft]
    assert strict["drafts"][0]["distance"] > 0
