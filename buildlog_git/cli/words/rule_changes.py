"""Changed rules in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from buildlog_git.flows.importing import AddedRules, LeftPiece, NewRule
from buildlog_git.flows.proposing import Proposals
from buildlog_git.flows.rulefiles import ChangedRules
from buildlog_git.flows.seeds import SeedList
from buildlog_git.render.page import Column, Page
from buildlog_git.render.words import command, counted, few, safe, short

STATES = {"pinned": "pinned", "trial": "on trial", "retired": "retired"}
_SHOWN = 20
"""Lines of what was left that a real import shows; a dry run shows all."""
_FEW = 5
"""Names in a sentence before it says how many more."""


def write_added(page: Page, added: AddedRules) -> None:
    """Write what was added, and what was not."""
    for rule in added.rules:
        page.line((safe(rule.id), "yellow"), f"  {safe(rule.title)}")
        page.line(f"  {STATES[rule.state]}, {safe(rule.file)}")
    for piece in added.left:
        page.sentence(f"{safe(piece.source)} {piece.why}: {safe(piece.rule or '-')}")
    if not added.rules:
        page.sentence("Nothing was added.")
    else:
        page.sentence(f"Nothing is committed: {command('git add .buildlog/rules')}")
    _conflicts(page, added)


def write_imported(page: Page, added: AddedRules) -> None:
    """Write what the agents' files were cut into, and how to go on."""
    if not added.always_read and not added.rules and not added.left:
        page.sentence("There are no agents' files here: no CLAUDE.md, AGENTS.md, .cursor/rules.")
        page.sentence(f"{command('git buildlog rules seeds')} lists packs of rules to start from.")
        return
    would = "would be " if added.dry_run else ""
    tokens = sum(rule.tokens for rule in added.rules)
    left = f"{counted(len(added.left), 'piece')} left."
    page.sentence(
        f"{counted(len(added.rules), 'rule')} {would}added from "
        f"{counted(len(added.sources), 'file')}, about {tokens:,} tokens; {left}"
        if added.rules
        else f"Nothing new{_in_files(added)}; {left}"
    )
    _new_rules(page, added.rules)
    _left(page, added.left, all_of_it=added.dry_run)
    _conflicts(page, added)
    if added.rules:
        _how_to_go_on(page, added)


def _in_files(added: AddedRules) -> str:
    return f" in {counted(len(added.always_read), 'file')}" if added.always_read else ""


def _new_rules(page: Page, rules: Sequence[NewRule]) -> None:
    """Write the rules in the order of the files that they stand in."""
    file = None
    columns = (
        Column("LINE", right=True), Column("TOKENS", right=True),
        Column("RULE", style="yellow"), Column("TITLE"),
    )  # fmt: skip
    groups: dict[str, list[NewRule]] = {}
    for rule in rules:
        groups.setdefault((rule.source or "").rpartition(":")[0], []).append(rule)
    for file, group in groups.items():
        page.blank()
        scopes = {rule.scope for rule in group}
        scope = safe(", ".join(next(iter(scopes)))) if len(scopes) == 1 else ""
        page.line((safe(file), "bold"), f"  for {scope}" if scope else "")
        page.table(columns, (_row(rule) for rule in group))


def _row(rule: NewRule) -> tuple[str, ...]:
    line = (rule.source or "").rpartition(":")[2]
    kind = "" if rule.error_class == "general" else f"[{safe(rule.error_class)}] "
    return (line, f"{rule.tokens:,}", safe(rule.id), f"{kind}{safe(rule.title)}")


def _left(page: Page, left: Sequence[LeftPiece], *, all_of_it: bool) -> None:
    if not left:
        return
    page.blank()
    reasons = Counter(piece.why for piece in left)
    page.line(("Left where it stands", "bold"))
    for why, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        page.line(f"  {count:>4}  {safe(why)}")
    page.blank()
    rows = [
        (safe(piece.source), safe(piece.rule or piece.text))
        for piece in sorted(left, key=lambda piece: piece.why)
    ]
    shown = rows if all_of_it else rows[:_SHOWN]
    page.table((Column("FROM", style="cyan"), Column("TEXT, OR THE RULE THAT IS THERE")), shown)
    if len(shown) < len(rows):
        page.sentence(f"and {len(rows) - len(shown)} more: see --dry-run, --json")


def _conflicts(page: Page, added: AddedRules) -> None:
    for pair in added.conflicts:
        page.sentence(f"{safe(pair.rule)} and {safe(pair.other)}", "Contradiction:")


def _how_to_go_on(page: Page, added: AddedRules) -> None:
    page.blank()
    files = [safe(path) for path in added.always_read if path in added.sources]
    names = few(files, _FEW)
    if not files:
        page.sentence(f"Nothing is committed: {command('git add .buildlog/rules')}")
        if added.state == "pinned":
            page.sentence(
                f"{command('git buildlog rules render')} puts them where agents read them.", "Next:"
            )
        return
    if added.state == "trial":
        page.sentence(
            f"These rules still stand in {names}, which agents always read: as long as they do, "
            "they are never off and nothing can be learned about them. Remove them there, and "
            "commit both changes together.",
            "Note:",
        )
        return
    page.sentence(
        f"{names} still {'says' if len(files) == 1 else 'say'} the same and "
        f"{'was' if len(files) == 1 else 'were'} not changed. To learn what a rule does, take it "
        f"out there and put it on trial: {command('git buildlog rules trial <id>')}",
        "Next:",
    )


def write_changed(page: Page, changed: ChangedRules) -> None:
    """Write the states of rules before and after."""
    for rule in changed.rules:
        was = "already " if rule.before == rule.after else ""
        before = "" if was else f", was {STATES[rule.before]}"
        page.line((safe(rule.id), "yellow"), f" is {was}{STATES[rule.after]}{before}")
    if changed.never_off:
        places = [safe(one.place) for one in changed.never_off]
        page.sentence(
            f"agents read {few([safe(one.rule) for one in changed.never_off], _FEW)} in any case, "
            f"in {few(places, _FEW)}: never off, so that nothing can be learned. Take the text "
            "out there, and commit both changes together.",
            "Note:",
        )


def write_seeds(page: Page, found: SeedList) -> None:
    """Write the packs with their rules."""
    for number, pack in enumerate(found.packs):
        if number:
            page.blank()
        page.line((safe(pack.name), "bold"), f"  {safe(pack.title)}")
        hides = f", before the {' and '.join(pack.hides)} one" if pack.hides else ""
        page.line(f"  {counted(len(pack.rules), 'rule')}, {pack.level}: {safe(pack.file)}{hides}")
        for rule in pack.rules:
            mark = "+" if rule.added else " "
            page.line(f"  {mark} ", (safe(rule.id), "yellow"), f"  {safe(rule.title)}")
    page.blank()
    page.sentence(f"{command('git buildlog rules add --seed <pack>')} takes one over, on trial.")


def write_proposals(page: Page, found: Proposals) -> None:
    """Write the proposals with their evidence."""
    if not found.proposals:
        page.sentence(
            "Nothing to propose: no mistake was made again that no rule would prevent, no notes of "
            "sessions ask for anything new, and in no folder are agents' drafts clearly revised "
            "more than elsewhere."
        )
    for number, one in enumerate(found.proposals):
        if number:
            page.blank()
        page.line((safe(one.id), "yellow"), f"  {one.status}, from {one.reason}")
        page.sentence(safe(one.text))
        page.sentence(safe(one.why), "Why:")
        evidence = ", ".join(short(name) for name in one.evidence[:_FEW])
        more = f" and {one.count - _FEW} more" if one.count > _FEW else ""
        page.sentence(f"{evidence}{more}", "Evidence:")
    for path in found.written:
        page.line(f"Written: {safe(path)}")
    if any(one.status == "pending" for one in found.proposals):
        page.blank()
        page.sentence(
            f"{command('git buildlog rules propose --add <id>')} puts one on trial, "
            f"{command('--reject <id>')} turns it down for good."
        )
