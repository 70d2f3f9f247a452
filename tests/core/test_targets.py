"""Which agents are served, and what is remembered of what they could read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.agents import AGENTS
from buildlog_git.core.exposure import OnDisk, Turn, decode_on_disk, encode_on_disk
from buildlog_git.core.targets import DEFAULT, TARGETS, Target, choose, choose_committed
from buildlog_git.errors import UsageError

SESSIONS = st.from_regex(r"[0-9a-f]{16}|", fullmatch=True)


def names(*asked: str, used: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(target.name for target in choose(asked, lambda target: target.name in used))


def test_who_is_served() -> None:
    everybody = tuple(target.name for target in TARGETS)
    assert names() == DEFAULT
    assert names(used=("gemini", "cursor")) == ("cursor", "gemini")
    assert names("Agents", "cursor", used=("gemini",)) == ("codex", "cursor")
    assert names("all") == everybody
    assert names("none", used=everybody) == ()
    with pytest.raises(UsageError, match="emacs"):
        names("emacs")
    assert names("claude-skill", "claude-settings") == ("claude",), "rules on trial have one place"


def committed(*asked: str, used: tuple[str, ...] = (), ours: tuple[str, ...] = ()) -> list[str]:
    chosen = choose_committed(asked, lambda t: t.name in used, lambda t: t.name in ours)
    return [target.name for target in chosen]


def test_other_forms_of_pinned_rules_are_asked_for() -> None:
    assert committed("all") == [target.name for target in TARGETS]
    assert committed("skill", "cursor") == ["cursor", "claude-skill"]
    assert committed("none", used=("claude",), ours=("claude-skill",)) == []
    assert committed(used=("claude", "codex")) == ["claude", "codex"]
    assert committed(used=("claude",), ours=("claude-skill",)) == ["claude-skill"]
    assert committed(used=("claude",), ours=("claude", "claude-skill")) == [
        "claude", "claude-skill",
    ]  # fmt: skip


def test_targets_are_called_like_the_agents_of_drafts() -> None:
    known = {agent.slug for agent in AGENTS}
    assert {target.name for target in TARGETS} <= known


def test_no_two_targets_share_a_file() -> None:
    files = [name for target in TARGETS for name in (target.local, target.committed)]
    assert len(files) == len(set(files))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_front_matter_is_what_agents_document(target: Target) -> None:
    heads = {
        "cursor": "alwaysApply: true", "windsurf": "trigger: always_on",
        "copilot": "applyTo: '**'", "continue": "alwaysApply: true",
    }  # fmt: skip
    if target.name in heads:
        lines = target.head.splitlines()
        assert lines[0] == lines[-1] == "---"
        assert heads[target.name] in lines
        assert target.head.endswith("---\n")
    else:
        assert target.head == ""


@given(
    st.text(st.characters(exclude_characters="\n\r\0", codec="utf-8")),
    st.lists(st.tuples(st.integers(0), SESSIONS).map(lambda pair: Turn(*pair)), max_size=8),
    st.dictionaries(st.text(), st.text()),
)
def test_what_is_remembered_comes_back(ref: str, turns: list[Turn], files: dict[str, str]) -> None:
    found = OnDisk(ref, tuple(turns), files, "said")
    text = encode_on_disk(found)
    assert decode_on_disk(text) == found
    assert text.split("\n")[0] == ref


@pytest.mark.parametrize(
    "damage",
    ["", "refs/heads/x", "x\n{", "x\n[]", 'x\n{"turns":[[1,"$(rm)"]],"files":{},"said":""}',
     'x\n{"turns":1,"files":{},"said":""}', "x\n" + "[" * 100_000],
)  # fmt: skip
def test_damage_is_nothing_remembered(damage: str) -> None:
    assert decode_on_disk(damage) is None


def test_a_line_of_the_log_tells_which_rules_there_were() -> None:
    one, two = "1" * 16, "2" * 16
    found = OnDisk("x", (Turn(100, one), Turn(300, "")))
    assert [found.at(position, 999) for position in (0, 99, 100, 299, 300)] == [
        "", "", one, one, "",
    ]  # fmt: skip
    again = found._replace(turns=found.turned(500, two))
    assert again.session == two
    assert again.at(0, 400) == two, "lines have expired: what is there now is all that is known"
    assert again.turned(600, two) == again.turns
    spoilt = again._replace(turns=again.turned(700, two, spoilt=True))
    assert (spoilt.at(600, 999), spoilt.at(700, 999), spoilt.at(150, 999)) == ("", two, one)
    many = found
    for number in range(20):
        many = many._replace(turns=many.turned(1000 + number, f"{number:016}"))
    assert len(many.turns) == 8
