"""The law of the codec, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.codec import (
    DEPTH_LIMIT,
    LINE_LIMIT,
    LIST_LIMIT,
    NUMBER_LIMIT,
    TEXT_LIMIT,
    Damaged,
    Unknown,
    clip,
    decode,
    encode,
)
from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Seen, Settle, every_kind
from buildlog_git.core.forgotten import Tombstone
from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Exposure, Mistake, Reward, Session, SessionEnd
from tests.core.strategies import made

A, B = Oid("a" * 40), Oid("b" * 64)
DRAFT = Draft(
    commit=A, at=1_700_000_000, agent="claude", channel="trailer",
    tokens=12, removed=3, lines=4, files=1,
)  # fmt: skip

oids = st.sampled_from([40, 64]).flatmap(
    lambda size: st.text("0123456789abcdef", min_size=size, max_size=size).map(Oid)
)
numbers = st.integers(-NUMBER_LIMIT, NUMBER_LIMIT)
counts = st.integers(0, NUMBER_LIMIT)
texts = st.text().map(clip)
ways = st.sampled_from(["follow-up", "amend", "rewrite", "squash", "revert", "merge"])
shares = st.floats(0, 1)
words = st.lists(texts, max_size=4).map(tuple)
names = st.lists(st.from_regex("[0-9a-f]{16}", fullmatch=True), max_size=4).map(tuple)
sources = st.sampled_from(["person", "trailer", "ci"])
events: st.SearchStrategy[Event] = st.one_of(
    made(
        Draft, commit=oids, at=numbers, agent=texts, channel=texts, tokens=counts,
        removed=counts, lines=counts, files=counts, model=st.none() | texts,
        session=st.none() | texts, engine=counts,
    ),
    made(
        Revision, commit=oids, at=numbers, draft=oids,
        by=st.sampled_from(["person", "self", "other", "bot", "neutral"]), way=ways,
        cost=numbers, grow=numbers, lost=numbers, restored=numbers, gone=numbers, engine=counts,
    ),
    made(Rewrite, commit=oids, at=numbers, old=oids, way=ways),
    made(
        Settle, commit=oids, at=numbers, final=st.none() | oids,
        reason=st.sampled_from(["landed", "reverted", "dropped"]),
    ),
    made(Seen, commit=oids, at=numbers),
    st.lists(st.tuples(texts, shares), max_size=4).flatmap(lambda offered: made(
        Session, commit=oids, at=numbers, session=texts, branch=texts, clone=texts,
        worktree=texts, error_class=texts, offered=st.just(tuple(rule for rule, _ in offered)),
        probability=st.just(tuple(share for _, share in offered)), drawn=words, held=words,
        texts=st.just(tuple(rule[::-1] for rule, _ in offered)), pinned=words, removed=words,
        weights=st.just(tuple(share for _, share in offered)), holdout=shares, explore=shares,
        forced=words, seeds=words, k=counts, policy=texts, policy_version=counts, digest=texts,
        arm=st.sampled_from(["control", "uniform", "thompson", "forced"]), exposure=texts,
        evidence=texts,
    )),
    made(
        Exposure, commit=oids, at=numbers, session=texts, channel=st.sampled_from(["file", "hook"]),
        state=st.sampled_from(["shown", "failed", "lost"]), rules=words, exposure=texts,
        targets=words,
    ),
    made(
        SessionEnd, commit=oids, at=numbers, session=texts, commits=counts, rules_start=counts,
        reason=st.sampled_from(["command", "merged", "deleted", "idle"]), rules_end=counts,
        entry=st.none() | texts, notes=st.none() | texts,
    ),
    made(
        Reward, commit=oids, at=numbers, source=sources, draft=st.none() | oids, rules=words,
        outcome=st.sampled_from(["accepted", "revision", "rejected"]), error_class=texts,
        distance=st.none() | shares, session=st.none() | texts, declared=st.none() | oids,
        notes=st.none() | texts, nonce=texts,
    ),
    made(
        Mistake, commit=oids, at=numbers, error_class=texts, description=texts, source=sources,
        session=st.none() | texts, repeat_of=st.none() | texts, corrected_by=st.none() | texts,
        declared=st.none() | oids,
    ),
    made(Tombstone, commit=oids, at=numbers, events=names, lines=names),
)  # fmt: skip


def changed(**fields: Any) -> bytes:
    """Return the draft's line with ``fields`` set anew; ``...`` removes one."""
    data = {**json.loads(encode(DRAFT)), **fields}
    return json.dumps({key: value for key, value in data.items() if value is not ...}).encode()


def reason(line: bytes) -> str:
    found = decode(line)
    assert isinstance(found, Damaged), found
    assert found.raw == line
    return found.reason


@given(events)
def test_decoding_gives_back_what_was_encoded(event: Event) -> None:
    line = encode(event)
    assert decode(line) == event
    assert encode(event) == line
    assert all(0x20 <= byte < 0x7F for byte in line)
    assert list(json.loads(line))[:4] == ["v", "kind", "id", "at"]


def test_every_kind_has_a_strategy() -> None:
    built = {"draft", "revision", "rewrite", "settle", "seen"}
    built |= {"session", "session-end", "exposure", "reward", "mistake", "tombstone"}
    assert set(every_kind()) == built, "a new kind: add it to the strategy and to this set"


@given(st.binary(max_size=300))
def test_any_bytes_decode_to_something(line: bytes) -> None:
    assert isinstance(decode(line), Damaged | Unknown)


@given(events, st.data())
def test_a_flipped_bit_never_raises_and_never_moves_an_event(
    event: Event, data: st.DataObject
) -> None:
    line = bytearray(encode(event))
    place = data.draw(st.integers(0, len(line) * 8 - 1))
    line[place // 8] ^= 1 << place % 8
    found = decode(bytes(line))
    assert isinstance(found, Damaged | Unknown) or found.id == event.id


def test_the_line_is_what_the_format_says() -> None:
    assert encode(DRAFT).decode() == (
        f'{{"v":1,"kind":"draft","id":"{DRAFT.id}","at":1700000000,"commit":"{A}",'
        '"agent":"claude","channel":"trailer","tokens":12,"removed":3,"lines":4,"files":1,'
        '"engine":1}'
    )


@pytest.mark.parametrize(
    "line",
    [
        b'{"v":1,"kind":"epitaph","id":"x","at":true}',
        b'{"v":2,"kind":"draft"}',
        b'{"v":900719925474099312345,"kind":7}',
    ],
)
def test_what_a_newer_version_wrote_is_unknown(line: bytes) -> None:
    assert decode(line) == Unknown(line)


def test_unknown_fields_of_a_known_kind_are_ignored() -> None:
    assert decode(changed(colour={"deep": [1, 2, None]})) == DRAFT


def test_null_means_absent_and_space_around_a_line_is_nothing() -> None:
    assert decode(changed(model=None, engine=...)) == DRAFT
    assert decode(b" " + encode(DRAFT) + b"\r") == DRAFT


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"v": ...}, "v is not a version"),
        ({"v": True}, "v is not a version"),
        ({"v": 0}, "v is not a version"),
        ({"v": 1.0}, "v is not a version"),
        ({"kind": ...}, "kind is not a text"),
        ({"kind": ["draft"]}, "kind is not a text"),
        ({"id": ...}, "id does not match the content"),
        ({"id": "0" * 16}, "id does not match the content"),
        ({"commit": ...}, "commit is missing"),
        ({"commit": None}, "commit is missing"),
        ({"commit": "A" * 40}, "commit is not a full object id"),
        ({"commit": "a" * 41}, "commit is not a full object id"),
        ({"commit": "a" * 40 + "\n"}, "commit is not a full object id"),
        ({"commit": 7}, "commit is not a full object id"),
        ({"at": "now"}, "at is not a whole number in range"),
        ({"at": True}, "at is not a whole number in range"),
        ({"at": 1.0}, "at is not a whole number in range"),
        ({"at": NUMBER_LIMIT + 1}, "at is not a whole number in range"),
        ({"tokens": -1}, "tokens is not a count"),
        ({"tokens": False}, "tokens is not a count"),
        ({"engine": -1}, "engine is not a count"),
        ({"agent": "x" * (TEXT_LIMIT + 1)}, "agent is not a plain text of at most 200 characters"),
        ({"agent": "\x1b[2J"}, "agent is not a plain text of at most 200 characters"),
        ({"agent": "\ud800"}, "agent is not a plain text of at most 200 characters"),
        ({"agent": "\u202egnp.exe"}, "agent is not a plain text of at most 200 characters"),
        ({"model": ["a"]}, "model is not a plain text of at most 200 characters"),
    ],
)
def test_wrong_fields_are_damage(fields: dict[str, Any], said: str) -> None:
    assert reason(changed(**fields)) == said


SESSION = Session(
    commit=A, at=1, session="s", branch="b", clone="c", worktree="w", error_class="general",
    offered=("one", "two"), probability=(0.25, 1.0), drawn=("two",), held=("one",), k=1,
)  # fmt: skip
REWARD = Reward(commit=A, at=1, outcome="revision", source="person", distance=0.5)


def test_a_session_as_a_line() -> None:
    assert encode(SESSION).decode() == (
        f'{{"v":1,"kind":"session","id":"{SESSION.id}","at":1,"commit":"{A}","session":"s",'
        '"branch":"b","clone":"c","worktree":"w","error_class":"general",'
        '"offered":["one","two"],"texts":[],"drawn":["two"],"held":["one"],"forced":[],'
        '"removed":[],"pinned":[],"seeds":[],"weights":[],"probability":[0.25,1.0],'
        '"arm":"uniform","k":1,"holdout":0.0,"policy":"uniform","policy_version":1,'
        '"explore":0.0,"evidence":"","digest":"","exposure":""}'
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"offered": "one"}, f"offered is not a list of at most {LIST_LIMIT} plain texts"),
        ({"offered": ["one", 2]}, f"offered is not a list of at most {LIST_LIMIT} plain texts"),
        ({"held": ["\x1b"]}, f"held is not a list of at most {LIST_LIMIT} plain texts"),
        ({"held": [["x"]]}, f"held is not a list of at most {LIST_LIMIT} plain texts"),
        ({"held": ["x"] * 257}, f"held is not a list of at most {LIST_LIMIT} plain texts"),
        ({"probability": [0.5]}, "probability is not parallel to offered"),
        ({"probability": 0.5}, f"probability is not a list of at most {LIST_LIMIT} shares"),
        ({"probability": [0.5, 1.01]}, f"probability is not a list of at most {LIST_LIMIT} shares"),
        ({"probability": [0.5, -0.1]}, f"probability is not a list of at most {LIST_LIMIT} shares"),
        ({"probability": [0.5, True]}, f"probability is not a list of at most {LIST_LIMIT} shares"),
        ({"probability": [0.5, "1"]}, f"probability is not a list of at most {LIST_LIMIT} shares"),
        ({"arm": "greedy"}, "arm is not one of its values"),
        ({"k": -1}, "k is not a count"),
    ],
)
def test_wrong_lists_are_damage(fields: dict[str, Any], said: str) -> None:
    line = json.dumps({**json.loads(encode(SESSION)), **fields}).encode()
    assert reason(line) == said


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_no_number_is_no_json(value: bytes) -> None:
    assert reason(encode(REWARD).replace(b"0.5", value)) == "not JSON"


@pytest.mark.parametrize("value", [b"1e999", b"-0.1", b"1.5", b"true", b'"0.5"', b"[0.5]"])
def test_a_distance_is_from_0_to_1(value: bytes) -> None:
    line = encode(REWARD).replace(b"0.5", value)
    assert reason(line) == "distance is not a number from 0 to 1"


def test_a_whole_number_is_a_number() -> None:
    found = decode(encode(REWARD).replace(b"0.5", b"1"))
    assert isinstance(found, Reward)
    assert repr(found.distance) == "1.0"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 1.5])
def test_encode_refuses_a_distance_that_is_none(value: float) -> None:
    with pytest.raises(ValueError, match="distance is not a number"):
        encode(REWARD._replace(distance=value))


def test_encode_refuses_lists_that_are_too_long() -> None:
    with pytest.raises(ValueError, match="probability is not parallel"):
        encode(SESSION._replace(probability=()))
    with pytest.raises(ValueError, match="held is not a list"):
        encode(SESSION._replace(held=("x",) * 257))
    with pytest.raises(ValueError, match="longer than"):
        encode(SESSION._replace(held=("x" * TEXT_LIMIT,) * 256, forced=("x" * 150,) * 256))


@pytest.mark.parametrize(
    "way", [["amend"], "Amend", "", {"amend": 1}, True]
)  # an unhashable value must not raise
def test_a_value_outside_its_choices_is_damage(way: object) -> None:
    line = encode(Rewrite(commit=A, at=1, old=B, way="amend"))
    data = {**json.loads(line), "way": way}
    assert reason(json.dumps(data).encode()) == "way is not one of its values"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "not JSON"),
        (b"<<<<<<< HEAD", "not JSON"),
        (encode(DRAFT)[:-1], "not JSON"),
        (encode(DRAFT) + encode(DRAFT), "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[1]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (encode(DRAFT).replace(b"1700000000", b"NaN"), "not JSON"),
        (encode(DRAFT).replace(b"1700000000", b"-Infinity"), "not JSON"),
        (encode(DRAFT).replace(b"1700000000", b"1e999"), "at is not a whole number in range"),
        (encode(DRAFT).replace(b"1700000000", b"9" * 5000), "not JSON"),
        (b'{"v":' + b"[" * 60_000, "nested too deeply"),
        (b"x" * (LINE_LIMIT + 1), "longer than 65536 bytes"),
    ],
)
def test_what_is_no_object_is_damage(line: bytes, said: str) -> None:
    assert reason(line) == said


def test_what_we_could_not_write_again_is_damage() -> None:
    """UTF-8 is shorter than our ASCII: whoever passes an event on would fail at such a line."""
    plain = Exposure(commit=A, at=1, session="s", channel="file", state="shown", rules=("x",))
    for count, fits in ((100, True), (256, False)):
        data = json.loads(encode(plain)) | {"rules": ["\U0001f600" * 50] * count}
        line = json.dumps(data, ensure_ascii=False).encode()
        assert len(line) < LINE_LIMIT
        found = decode(line)
        assert isinstance(found, Exposure) == fits
        if isinstance(found, Exposure):
            assert decode(encode(found)) == found
        else:
            assert reason(line) == "longer than 65536 bytes"


def test_how_deep_a_line_nests_is_no_matter_of_who_reads_it() -> None:
    def nested(depth: int) -> bytes:
        return encode(DRAFT)[:-1] + b',"x":' + b"[" * depth + b"]" * depth + b"}"

    def below(frames: int, line: bytes) -> object:
        return below(frames - 1, line) if frames else decode(line)

    assert below(0, nested(DEPTH_LIMIT - 1)) == below(700, nested(DEPTH_LIMIT - 1)) == DRAFT
    assert reason(nested(DEPTH_LIMIT)) == "nested too deeply"
    many = DRAFT._replace(agent="[{" * 99)
    assert decode(encode(many)) == many, "what a text holds is no nesting"
    quoted = DRAFT._replace(agent='\\"[[' * 40)
    assert decode(encode(quoted)) == quoted


@pytest.mark.parametrize("agent", ["x" * (TEXT_LIMIT + 1), "a\nb", "\ud800", "\x9b31m"])
def test_encode_refuses_what_decode_would(agent: str) -> None:
    bad = Draft(
        commit=A, at=1, agent=agent, channel="trailer", tokens=1, removed=0, lines=1, files=1
    )
    with pytest.raises(ValueError, match="agent is not a plain text"):
        encode(bad)


def test_encode_refuses_a_number_that_others_would_round() -> None:
    with pytest.raises(ValueError, match="at is not a whole number"):
        encode(Settle(commit=A, at=2**60, reason="landed"))


@given(st.text())
def test_clip_makes_any_text_fit(text: str) -> None:
    assert clip(clip(text)) == clip(text)
    assert len(clip(text)) <= TEXT_LIMIT
