"""The answer as text: a line a rule, with its effect as a forest plot, and what to do.

Distances are shown as they change: a rule that helps takes something off the distance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.lesson import current
from buildlog_git.render.forest import WIDTH as PLOT_WIDTH
from buildlog_git.render.forest import forest
from buildlog_git.render.page import Column, cut
from buildlog_git.render.words import Remark, command, counted, percent, safe

if TYPE_CHECKING:
    from buildlog_git.core.effects import Effect, RuleEffect
    from buildlog_git.core.lesson import Advice, Lesson
    from buildlog_git.core.programme import Programme
    from buildlog_git.render.page import Page

RULES_SHOWN = 8
_NAME_WIDTH, _CLASS_WIDTH, _WITH_CLASS = 17, 9, 92
_PINNED_SHOWN = 4
_AXIS = "helps <".ljust(PLOT_WIDTH // 2 + 1) + "> hurts".rjust(PLOT_WIDTH // 2)

VERDICTS = {
    "proven": "helps: keep",
    "likely helps": "likely helps",
    "likely harms": "hurts: drop",
    "no practical effect": "does nothing",
    "no evidence yet": "no evidence yet",
}
"""What a verdict is called where people read it."""
_UNTIL = {
    "known": "", "< 50": "< 50 sessions to go", "< 200": "< 200 sessions to go",
    "< 1,000": "< 1,000 sessions to go", "more": "no evidence yet",
}  # fmt: skip


def write_answer(page: Page, lesson: Lesson, most: int | None = RULES_SHOWN) -> None:
    """Write which rules to keep, to drop, and to go on testing."""
    items = in_order(lesson, most)
    if items:
        # At 80 columns there is room for the verdict or for the class.
        several = len({_class_of(lesson, item) for item in items}) > 1
        classes = several and page.look.width >= _WITH_CLASS
        page.table(_columns(classes=classes), [_row(lesson, i, classes) for i in items])
        more = len(_tried(lesson)) - len(items)
        if more > 0:
            page.line(f"and {counted(more, 'more rule')} (git buildlog rules effects has all)")
    for remark in basis(lesson):
        page.remark(remark)
    for advice in lesson.advice:
        page.sentence(f"{command(safe(command_of(advice)))}  ({advice.why})", "Next:")


def command_of(advice: Advice) -> str:
    """Return the command that does what is advised."""
    return f"git buildlog rules {advice.action} {advice.rule}"


def in_order(lesson: Lesson, most: int | None = RULES_SHOWN) -> list[RuleEffect]:
    """Return the rules that have been on, what helps most first; by name before that is known."""
    tried = _tried(lesson)
    if lesson.learned.ranked:
        tried.sort(key=lambda item: (-item.effect.mean, item.rule, item.text))
    # Where not all fit, those of which something is known come before the others.
    shown = sorted(tried, key=lambda item: item.effect.verdict == "no evidence yet")[:most]
    return [item for item in tried if item in shown]


def _tried(lesson: Lesson) -> list[RuleEffect]:
    return [i for i in current(lesson.learned, lesson.rules) if i.effect.on or i.effect.off]


def _columns(*, classes: bool) -> tuple[Column, ...]:
    names = [Column("RULE", style="yellow")]
    if classes:
        names.append(Column("CLASS"))
    return (
        *names, Column("ON/OFF", right=True), Column(_AXIS), Column("CHANGE", right=True),
        Column("P", right=True), Column("VERDICT"),
    )  # fmt: skip


def _row(lesson: Lesson, item: RuleEffect, classes: bool) -> tuple[str, ...]:
    effect = item.effect
    name = (cut(safe(item.rule), _NAME_WIDTH),)
    cells = (f"{effect.on}/{effect.off}", plot(effect), change(effect.mean), f"{effect.helps:.2f}")
    its_class = (cut(safe(_class_of(lesson, item)), _CLASS_WIDTH),) if classes else ()
    return (*name, *its_class, *cells, said(lesson, effect))


def _class_of(lesson: Lesson, item: RuleEffect) -> str:
    known = lesson.rules.get(item.rule)
    return known.error_class if known else "gone"


def plot(effect: Effect) -> str:
    """Return the forest plot of an effect, in changes of the distance."""
    return forest(-effect.high, -effect.mean, -effect.low)


def change(saved: float) -> str:
    """Return what points saved change in the distance, with its sign."""
    value = -saved
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}"


def verdict_words(effect: Effect) -> str:
    """Return a verdict, or how long it may take until there is one."""
    if effect.verdict == "no evidence yet" and effect.until != "known":
        return _UNTIL[effect.until]
    return VERDICTS[effect.verdict]


def said(lesson: Lesson, effect: Effect) -> str:
    """Return what may be said of a rule now; nothing before there are enough rewards."""
    return verdict_words(effect) if lesson.learned.ranked else "too early"


def interval(effect: Effect) -> str:
    """Return the 95 % interval of the change of the distance."""
    return f"[{change(effect.high)} to {change(effect.low)}]"


def basis(lesson: Lesson) -> list[Remark]:
    """Say what the answer rests on, and what is missing."""
    learned, exposed = lesson.learned, lesson.exposed
    remarks = []
    if not learned.ranked:
        rewards, sessions = (
            counted(learned.rewards, "reward"), counted(learned.sessions, "session"),
        )  # fmt: skip
        text = f"{rewards} from {sessions}: too few to say anything; "
        remarks.append(Remark("Rules on trial:", f"{text}from 50 rewards on there are verdicts."))
    remarks += _programme(learned.programme)
    parts = [
        f"{counted(learned.sessions, 'session')} with {counted(learned.rewards, 'reward')}",
        f"{learned.randomised:,} of them randomised, {counted(learned.controls, 'control')}",
    ]
    if exposed.observed:
        parts.append(f"{exposed.observed:,} only observed")
    parts.append(f"exposure confirmed in {exposed.confirmed:,} of {exposed.sessions:,}")
    if learned.forced:
        parts.append(f"{percent(learned.forced)} overridden by people")
    if learned.censored:
        parts.append(f"{percent(learned.censored)} of the drafts without a reward")
    text = f"{'; '.join(parts)}. Evidence halves in {learned.half_life_days:g} days."
    remarks.append(Remark("Basis:", text))
    if lesson.pinned:
        names, rest = lesson.pinned[:_PINNED_SHOWN], len(lesson.pinned) - _PINNED_SHOWN
        more = f"and {rest:,} more " if rest > 0 else ""
        one = len(lesson.pinned) == 1
        what = "is always on, so what it does" if one else "are always on, so what they do"
        remarks.append(Remark("Pinned:", f"{more}{what} cannot be known.", "", names))
    return remarks


def _programme(programme: Programme) -> list[Remark]:
    if programme.mean is None or programme.low is None or programme.high is None:
        return []
    plain = ""
    if programme.difference is not None:
        plain = f" Plain difference to the controls: {change(programme.difference)}."
    text = (
        f"{change(programme.mean)} of distance [{change(programme.high)} to "
        f"{change(programme.low)}] in the sessions that had some.{plain}"
    )
    return [Remark("All rules together:", text)]


def write_effect(page: Page, item: RuleEffect) -> None:
    """Write all that is known of one rule."""
    effect = item.effect
    page.line(
        ("Effect: ", "bold"), f"{change(effect.mean)} of distance [{change(effect.high)} to "
        f"{change(effect.low)}, 95 %]  {plot(effect)}  {VERDICTS[effect.verdict]}",
    )  # fmt: skip
    page.line(
        f"P(helps) {effect.helps:.2f}, P(hurts) {effect.harms:.2f}; on in {effect.on:,} and off in "
        f"{counted(effect.off, 'session')}" + _apart(item)
    )
    for one in item.classes if len(item.classes) > 1 else ():
        its = one.effect
        page.line(
            f"  {safe(one.error_class)}: {change(its.mean)} [{change(its.high)} to "
            f"{change(its.low)}], {its.on:,}/{its.off:,}, {verdict_words(its)}"
        )
    if item.mistakes is not None:
        page.line(
            f"Mistakes spared: {item.mistakes.mean:+.2f} [{item.mistakes.low:+.2f} to "
            f"{item.mistakes.high:+.2f}] of a session's four, {VERDICTS[item.mistakes.verdict]}"
        )
    if item.tokens.on and item.tokens.off:
        page.line(
            f"Drafts with it: {item.tokens.on:.0f} tokens against {item.tokens.off:.0f}; "
            f"fix-ups a session {item.fixups.on or 0:.1f} against {item.fixups.off or 0:.1f}"
        )


def _apart(item: RuleEffect) -> str:
    parts = []
    if item.forced:
        parts.append(f"forced in {item.forced:,}")
    if item.observed:
        parts.append(f"only observed in {item.observed:,}")
    return f"; {', '.join(parts)}" if parts else ""
