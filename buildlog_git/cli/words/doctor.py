"""What ``doctor`` says: for each finding what is so, why it matters, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.cli.words.status import span
from buildlog_git.render.words import safe

if TYPE_CHECKING:
    from buildlog_git.flows.agentcheck import Finding
    from buildlog_git.flows.doctor import Diagnosis
    from buildlog_git.render.page import Page


class Advice(NamedTuple):
    """What is so and why it matters, and what to do; ``{subject}`` and ``{detail}`` are filled."""

    what: str
    todo: str = ""


_AGAIN = "git buildlog install"
_FIX = (
    "git buildlog doctor --fix; if it stays, it stands elsewhere: git config --show-origin "
    "--get-all {subject}"
)
_REFSPECS = {
    "refspec-overwrites": "{subject} is {detail}: each fetch overwrites the notes that are here, "
    "and with them what nobody has pushed yet.",
    "refspec-diverges": "{subject} is {detail}: a fetch fails as soon as somebody else has notes "
    "that are not here.",
    "refspec-exact": "{subject} is {detail}: a fetch fails where the remote has no notes yet.",
    "refspec-push": "{subject} is {detail}: a plain git push sends the notes and no branch, or "
    "fails where somebody else was faster.",
    "rewrite-ref": "{subject} is {detail}: git copies our notes at an amend or a rebase, without "
    "asking whether somebody writes to them. We follow rewrites ourselves.",
}
_ADVICE = {
    "unsafe-owner": Advice(
        "git refuses {subject}: it belongs to {detail}, not to you. No git command works here, "
        "ours neither.",
        "if you trust it: git config --global --add safe.directory '{subject}'",
    ),
    "repository-refused": Advice("{detail}.", "run git status to see all that git says"),
    "not-a-repository": Advice(
        "git does not take {subject} for a repository any more: its HEAD, refs or objects are "
        "damaged.",
        "git fsck says more; a new clone is the surest way back",
    ),
    "git-missing": Advice("{detail}.", "install git and make sure that it is on PATH"),
    "bad-setting": Advice("{detail}.", "git config --show-origin --get-regexp '^buildlog'"),
    "disk-full": Advice(
        "the disk is full: nothing can be written to {subject}. Commits that the queue missed "
        "are found by HEAD's reflog.",
        "make room, then: git buildlog scan",
    ),
    "not-writable": Advice(
        "{subject} cannot be written: it belongs to {detail}. Facts cannot be stored.",
        "give it back to yourself (chown, chmod), or work in a clone of your own",
    ),
    "stale-lock": Advice(
        "{subject} lies there for {age}: a process that held it was killed, and no fact can be "
        "stored.",
        "git buildlog doctor --fix",
    ),
    "stale-git-lock": Advice(
        "{subject} lies there for {age}: a git that held it was killed, or still runs.",
        "if no git runs here any more: rm '{subject}'",
    ),
    "home-unset": Advice(
        "HOME is not set: git does not see your own configuration.", "export HOME=~"
    ),
    "no-identity": Advice(
        "git does not know who you are ({subject}), and stores no fact without that.",
        "git config user.name '...'; git config user.email '...'",
    ),
    "not-installed": Advice(
        "no hooks are installed; history is read by scan and report alone.", _AGAIN
    ),
    "record-missing": Advice(
        "hooks of ours are there ({detail}), but not what they need: they do nothing.", _AGAIN
    ),
    "body-missing": Advice("{subject} is gone: the hooks do nothing without it.", _AGAIN),
    "body-outdated": Advice(
        "{subject} is not what this version and your settings ask for (it is of version {detail}).",
        _AGAIN,
    ),
    "hook-missing": Advice("the hook {subject} is gone.", _AGAIN),
    "hook-edited": Advice(
        "the hook {subject} was changed after the install, and is not touched.",
        "put your lines elsewhere, delete the file, then: git buildlog install",
    ),
    "hook-replaced": Advice(
        "another tool has put its own hook in the place of {subject}.",
        "git buildlog install (it will run both)",
    ),
    "behind-another": Advice(
        "{detail} has put its hook in the place of {subject}, and runs ours. That is fine."
    ),
    "hook-not-executable": Advice(
        "the hook {subject} is not executable: git does not run it.", "git buildlog doctor --fix"
    ),
    "chained-not-executable": Advice(
        "the hook {subject} that was there before is not executable, so that it is not run "
        "(git would not either).",
        "chmod +x '{detail}', if it should run",
    ),
    "line-missing": Advice("{detail} does not call us on {subject}.", _AGAIN),
    "hooks-shadowed": Advice(
        "git looks for hooks in {detail} now (core.hooksPath), ours are in {subject}.", _AGAIN
    ),
    "config-hooks-ignored": Advice(
        "the hooks are in git's configuration, which git {subject} does not read (2.54 does).",
        "git buildlog install",
    ),
    "hook-disabled": Advice("{subject} turns the hook off.", "git config --unset {subject}"),
    "command-missing": Advice(
        "{subject} is gone, which hooks start the drain by{instead}.",
        "install git-buildlog again, then: git buildlog install",
    ),
    "command-broken": Advice(
        "{subject} does not run: its interpreter or a package is missing. Signals wait.",
        "install git-buildlog again, then: git buildlog install",
    ),
    "command-other-version": Advice(
        "hooks start version {detail} ({subject}), another one than this.",
        "git buildlog install makes them start this one",
    ),
    "queue-backlog": Advice(
        "{subject} signals wait, the oldest for {age}: no drain has read them.",
        "git buildlog drain --verbose (says what stands in the way)",
    ),
    "drain-off": Advice(
        "{subject} signals wait, the oldest for {age}: buildlog.drain is off.",
        "git buildlog scan",
    ),
    "last-failure": Advice("a drain failed: {detail} [{subject}]."),
    "local-tracked": Advice(
        "git tracks {subject}, which is for one session here: it is not written, and its rules "
        "are not credited to anybody.",
        "git rm --cached {subject}",
    ),
    "local-not-ignored": Advice(
        "git shows {subject}, which is nobody's to commit: a .gitignore un-ignores it. It goes "
        "with the next drain.",
        "git check-ignore -v {subject}",
    ),
    "rules-changed": Advice(
        "somebody has changed what was put for agents ({subject}). The session does not count as "
        "a fair one, and the next drain puts it right."
    ),
    "rules-stale": Advice(
        "{subject} does not have the pinned rules as they are now.", "git buildlog rules render"
    ),
    "rules-edited": Advice("{subject}: {detail}.", "git buildlog rules render --diff"),
    "rules-twice": Advice(
        "{subject} has pinned rules ({detail}) in the team's own words, as after an import: put "
        "there by us as well, agents would read them twice.",
        "take them out of {subject}, then: git buildlog rules render",
    ),
    "never-off": Advice(
        "{subject} is on trial, and agents read it in any case in {detail}: it is never off, so "
        "that nothing can be learned of it.",
        "take it out of {detail}, or: git buildlog rules pin {subject}",
    ),
    "rules-refused": Advice("{subject} cannot have the pinned rules: {detail}."),
    "target-unreached": Advice(
        "Gemini reads no rules on trial: {detail} does not import {subject}.",
        "git buildlog rules render --target gemini",
    ),
    **{slug: Advice(what, _FIX) for slug, what in _REFSPECS.items()},
    "push-changed": Advice(
        "buildlog.push was changed after the install: the hook {subject} is {detail}.",
        _AGAIN,
    ),
    "both-active": Advice(
        "pre-commit runs us too ({subject}). That is fine: nothing is counted twice."
    ),
}


def write_diagnosis(page: Page, diagnosis: Diagnosis) -> None:
    """Say what is wrong and what to do, then what is merely worth knowing."""
    wrong = [finding for finding in diagnosis.findings if finding.level == "wrong"]
    if diagnosis.fixed:
        page.sentence(f"{', '.join(diagnosis.fixed)}.", "Fixed:")
    for change in diagnosis.changes:
        option = "--unset" if change.action == "drop-value" else "--add"
        page.line(f"  git config {option} {safe(change.target)} {safe(change.other)}")
    for finding in wrong:
        _write(page, finding, "Wrong:")
    for finding in diagnosis.findings:
        if finding.level == "note":
            _write(page, finding, "Note:")
    if diagnosis.ok:
        what = "the hooks work" if diagnosis.installed else "hooks can be installed"
        page.sentence(f"Nothing is wrong: {what} (git {diagnosis.git}).")


def advice_for(finding: Finding) -> tuple[str, str]:
    """Return what is so, and what to do, in words."""
    advice = _ADVICE.get(finding.slug, Advice("{detail}."))
    words = {
        "subject": safe(finding.subject),
        "detail": safe(finding.detail),
        "age": span(int(finding.detail)) if finding.detail.isdigit() else "",
        "instead": f"; they use {safe(finding.detail)}" if finding.detail else "",
    }
    return advice.what.format(**words), advice.todo.format(**words)


def _write(page: Page, finding: Finding, label: str) -> None:
    what, todo = advice_for(finding)
    page.sentence(f"{what} [{finding.slug}]", label)
    if todo:
        page.line(f"  -> {todo}")
