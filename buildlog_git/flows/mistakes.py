"""Mistakes: one that somebody logs in a session, and the list of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from buildlog_git.core.fold import Experiment, fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.mistakes import repeats
from buildlog_git.core.redact import redact
from buildlog_git.core.session_events import Mistake, Source
from buildlog_git.errors import UsageError
from buildlog_git.flows.backends import chosen_similarity
from buildlog_git.flows.context import Context
from buildlog_git.flows.report import current_facts
from buildlog_git.flows.rewards import refuse_no_word
from buildlog_git.flows.session import Sessions
from buildlog_git.flows.session_by_hand import here, none_open
from buildlog_git.flows.session_view import find_session
from buildlog_git.gitio.repo import resolve


@dataclass(frozen=True, slots=True)
class MistakeItem:
    """A mistake; ``description`` is without what is private.

    ``rules`` were on in its session and did not prevent it. ``was_repeat`` says whether one of
    the same class was made before in another session, ``similar_prior`` which: the first such
    one, or the one that a person named. ``session_id`` is null where nobody knows it,
    ``declared`` the commit whose message says it.
    """

    mistake_id: str
    session_id: str | None
    at: int
    error_class: str
    description: str
    commit: Oid
    source: Source
    rules: tuple[str, ...]
    corrected_by: str | None
    was_repeat: bool
    similar_prior: str | None
    declared: Oid | None


@dataclass(frozen=True, slots=True)
class LoggedMistake:
    """What was written down, and the mistake that it repeats, null where it is a new one.

    ``already`` says that this session has the very same one at this commit: it counts once.
    """

    mistake_id: str
    session_id: str
    error_class: str
    rules: tuple[str, ...]
    was_repeat: bool
    similar_prior: str | None
    already: bool
    mistake: MistakeItem
    prior: MistakeItem | None
    message: str


@dataclass(frozen=True, slots=True)
class MistakeList:
    """Mistakes, newest first; ``total`` and ``repeated`` are of all that were asked for.

    ``mistakes`` may be fewer, where a limit was given.
    """

    total: int
    repeated: int
    mistakes: tuple[MistakeItem, ...]


def log_mistake(
    context: Context,
    error_class: str,
    description: str,
    *,
    corrected_by: str | None = None,
    repeat_of: str | None = None,
    session: str | None = None,
    commit: str = "HEAD",
) -> LoggedMistake:
    """Write down a mistake that was made in the open session, or in the named one.

    Args:
        context: where.
        error_class: the kind of mistake, one word.
        description: what went wrong, in a few words.
        corrected_by: the rule that would have prevented it.
        repeat_of: the mistake that it repeats, where words do not tell; the beginning of its id.
        session: another session than the open one; the beginning of its id.
        commit: where it was made.

    Raises:
        UsageError: no session is open, a name is no word, nothing is said, or the session,
            the commit, the earlier mistake or the similarity back end is unknown.
        LedgerError: the ledger cannot be read or written.

    """
    for word in (error_class, *filter(None, [corrected_by])):
        refuse_no_word(word)
    text = redact(description)
    if not text:
        raise UsageError(
            "a mistake needs a few words",
            slug="no-description",
            hint='for example: git buildlog mistake tests "forgot the empty list"',
        )
    similarity = chosen_similarity(context)
    experiment = fold(context.ledger.read().by_id.values())
    its_session = _session(context, experiment, session)
    event = Mistake(
        commit=resolve(context.repo.git, commit), at=context.now, error_class=error_class,
        description=text, source="person", session=its_session,
        repeat_of=_named(experiment, repeat_of), corrected_by=corrected_by,
        nth=len(experiment.mistakes),
    )  # fmt: skip
    before = [mistake for mistake in experiment.mistakes if mistake.id != event.id]
    kept = next((m for m in experiment.mistakes if m.id == event.id), event)
    repeated = repeats([*before, kept], similarity)  # a back end that fails writes nothing
    already = context.ledger.append([event]).written == 0
    (item, *prior) = _items(
        experiment, [kept, *(m for m in before if m.id == repeated.get(kept.id))], repeated
    )
    return _logged(item, prior[0] if prior else None, its_session, already=already)


def list_mistakes(
    context: Context,
    *,
    error_class: str | None = None,
    only_repeats: bool = False,
    limit: int | None = None,
    stored: bool = False,
) -> MistakeList:
    """Return the mistakes, of one class or all, of those the repeats or all.

    What messages declare is looked up in history too; with ``stored`` only the ledger is asked.
    """
    experiment = fold(current_facts(context, stored=stored).events)
    repeated = repeats(experiment.mistakes, chosen_similarity(context))
    items = [
        item
        for item in reversed(_items(experiment, experiment.mistakes, repeated))
        if error_class in (None, item.error_class) and (item.was_repeat or not only_repeats)
    ]
    shown = items if limit is None else items[: max(0, limit)]
    return MistakeList(len(items), sum(item.was_repeat for item in items), tuple(shown))


def _items(
    experiment: Experiment, mistakes: Iterable[Mistake], repeated: Mapping[str, str]
) -> list[MistakeItem]:
    rules = {r.session.session: r.session.rules for r in experiment.sessions}
    return [
        MistakeItem(
            mistake_id=event.id,
            session_id=event.session,
            at=event.at,
            error_class=event.error_class,
            description=event.description,
            commit=event.commit,
            source=event.source,
            rules=rules.get(event.session or "", ()),
            corrected_by=event.corrected_by,
            was_repeat=event.id in repeated,
            similar_prior=repeated.get(event.id),
            declared=event.declared,
        )
        for event in mistakes
    ]


def _logged(
    item: MistakeItem, prior: MistakeItem | None, session: str, *, already: bool
) -> LoggedMistake:
    return LoggedMistake(
        mistake_id=item.mistake_id,
        session_id=session,
        error_class=item.error_class,
        rules=item.rules,
        was_repeat=item.was_repeat,
        similar_prior=item.similar_prior,
        already=already,
        mistake=item,
        prior=prior,
        message=_message(item, already=already),
    )


def _message(item: MistakeItem, *, already: bool) -> str:
    said = "this session has it already" if already else f"logged a mistake of {item.error_class}"
    return f"{said}, a repeat of {item.similar_prior}" if item.was_repeat else said


def _session(context: Context, experiment: Experiment, name: str | None) -> str:
    """Return the id of the session that a mistake belongs to."""
    if name is not None:
        return find_session(experiment, name).session.session
    place, _ = here(context)
    active = Sessions(context).active(place)
    if active is None:
        raise none_open(place)
    return active.id


def _named(experiment: Experiment, name: str | None) -> str | None:
    """Return the whole id of an earlier mistake."""
    if name is None:
        return None
    found = [m.id for m in experiment.mistakes if m.id.startswith(name or "-")]
    if len(found) != 1:
        many = "several mistakes begin with" if found else "no mistake is called"
        raise UsageError(
            f"{many} {name}",
            slug="unknown-mistake",
            hint="git buildlog mistakes lists all of them",
        )
    return found[0]
