"""A small repository with a story of agents and people, in which every number can be checked.

The files are so small that tokens can be counted by hand; ``tests/demo`` does. All dates are
fixed, so everybody gets the same commits, and all windows have closed, so the report is the
same today and tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from buildlog_git.core.ids import Oid
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Progress, open_context, silent
from buildlog_git.flows.init import Init, initialise
from buildlog_git.gitio.scratch import Person, Scratch, sealed_environment

ADA = Person("Ada Example", "ada@example.com")
COPILOT = Person("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com")
_MARKS = {
    "claude": "Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>",
    "copilot": "Co-authored-by: Ada Example <ada@example.com>",
    "aider": "Co-authored-by: aider (gpt-5) <aider@aider.chat>",
}
"""The last line of a commit message of each agent. Copilot is known by its author instead."""
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Chapter:
    """A draft of the story and what becomes of it."""

    draft: Oid
    tells: str


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo repository and what ``init`` found in it."""

    folder: str
    chapters: tuple[Chapter, ...]
    init: Init


def build_demo(folder: Path, progress: Progress = silent) -> Demo:
    """Build the demo repository in ``folder``, which must be new or empty, and look at it.

    Raises:
        UsageError: something is in the folder already.

    """
    _make_folder(folder)
    with sealed_environment():
        chapters = tuple(_Story(Scratch(folder.absolute(), ADA)).tell())
        found = initialise(open_context(folder, progress=progress))
    return Demo(str(folder), chapters, found)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        empty = not any(folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"no folder can be made there: {folder}: {error.strerror}",
            slug="bad-folder",
            hint="name another one: git buildlog demo <folder>",
        ) from error
    if not empty:
        raise UsageError(
            f"the folder is not empty: {folder}",
            slug="folder-not-empty",
            hint="remove it, or name another one: git buildlog demo <folder>",
        )


class _Story:
    """Tells the story, one commit after another."""

    def __init__(self, repo: Scratch) -> None:
        self.repo = repo
        self.now = 0

    def day(self, month: int, day: int) -> None:
        """Let the next commit be made on a morning of 2026."""
        self.now = int(datetime(2026, month, day, 9, tzinfo=UTC).timestamp())

    def person(self, message: str, files: Mapping[str, str] | None = None) -> Oid:
        """Let Ada commit."""
        self.now += HOUR
        self.repo.write(files or {})
        return self.repo.commit(message, self.now)

    def agent(self, agent: str, message: str, files: Mapping[str, str]) -> Oid:
        """Let an agent commit, with its mark."""
        self.now += HOUR
        self.repo.write(files)
        author = COPILOT if agent == "copilot" else ADA
        return self.repo.commit(f"{message}\n\n{_MARKS[agent]}", self.now, author)

    def tell(self) -> list[Chapter]:
        """Make all commits and return the drafts, by time."""
        self.day(1, 5)
        self.person("Start", {"README.md": README, "CLAUDE.md": RULES})
        return [
            Chapter(self._edited(), "a person corrects a line and writes another anew"),
            Chapter(self._inserted(), "a person puts a line into its middle"),
            Chapter(self._shortened(), "a person deletes one of its functions"),
            Chapter(self._amended(), "a person amends it before anybody saw it"),
            Chapter(self._squashed(), "a person edits it on its branch, then squashes that"),
            Chapter(self._reverted(), "a person reverts it"),
            Chapter(self._formatted(), "a formatter lays it out anew, which costs nothing"),
            Chapter(self._renamed(), "a person renames its file and changes one word"),
            Chapter(self._locked(), "only a lock file changes after it, which is left out"),
            *self._self_revised(),
            Chapter(self._dropped(), "its branch is deleted without landing"),
            Chapter(self._untouched(), "nobody touches it"),
        ]

    def _edited(self) -> Oid:
        self.day(1, 6)
        draft = self.agent("claude", "Read the moisture sensor", {"sensors.py": SENSORS})
        edited = SENSORS.replace("300", "420").replace(
            "return raw[0] * 256 + raw[1]", 'return int.from_bytes(raw, "big")'
        )
        self.person("Read big-endian values, water earlier", {"sensors.py": edited})
        return draft

    def _inserted(self) -> Oid:
        self.day(1, 8)
        draft = self.agent("copilot", "Open and close the valve", {"valves.py": VALVES})
        inserted = VALVES.replace("    wait(5)\n", '    log("open")\n    wait(5)\n')
        self.person("Log when the valve opens", {"valves.py": inserted})
        return draft

    def _shortened(self) -> Oid:
        self.day(1, 12)
        draft = self.agent("aider", "Drive the pump", {"pump.py": PUMP})
        self.person(
            "Drop priming: the new pump needs none",
            {"pump.py": PUMP.partition("\n\n\ndef prime")[0] + "\n"},
        )
        return draft

    def _amended(self) -> Oid:
        self.day(1, 15)
        draft = self.agent("claude", "Add settings", {"settings.py": SETTINGS})
        self.now += HOUR
        self.repo.write({"settings.py": SETTINGS.replace("RETRIES = 3", "RETRIES = 5")})
        self.repo.amend(self.now)
        return draft

    def _squashed(self) -> Oid:
        self.day(1, 20)
        self.repo.run("switch", "--quiet", "--create", "schedule")
        draft = self.agent("claude", "Plan the next watering", {"schedule.py": SCHEDULE})
        edited = SCHEDULE.replace("* DAY", "* SECONDS_PER_DAY").replace("now > next", "now >= next")
        self.person("Review: say what the factor is, water on time", {"schedule.py": edited})
        self.repo.run("switch", "--quiet", "main")
        self.repo.run("merge", "--quiet", "--squash", "schedule")
        self.person(f"Plan the next watering (#5)\n\n{_MARKS['claude']}")
        self.repo.run("branch", "--quiet", "-D", "schedule")
        return draft

    def _reverted(self) -> Oid:
        self.day(1, 27)
        draft = self.agent("aider", "Mail alerts", {"alerts.py": ALERTS})
        self.repo.run("revert", "--no-commit", draft)
        self.person(f'Revert "Mail alerts"\n\nThis reverts commit {draft}.')
        return draft

    def _formatted(self) -> Oid:
        self.day(2, 3)
        draft = self.agent("claude", "Choose colours", {"colours.py": COLOURS})
        self.person("Run the formatter", {"colours.py": COLOURS_FORMATTED})
        return draft

    def _renamed(self) -> Oid:
        self.day(2, 5)
        draft = self.agent("copilot", "Sum up the readings", {"report.py": SUMMARY})
        self.repo.run("mv", "report.py", "summary.py")
        edited = SUMMARY.replace("} to {", "} until {")
        self.person("Call the summary a summary", {"summary.py": edited})
        return draft

    def _locked(self) -> Oid:
        self.day(2, 10)
        files = {"sensors.toml": SENSORS_TOML, "uv.lock": LOCK}
        draft = self.agent("claude", "Configure the sensors", files)
        self.person("Update the lock file", {"uv.lock": LOCK.replace("3.5", "3.6")})
        return draft

    def _self_revised(self) -> list[Chapter]:
        self.day(2, 17)
        first = self.agent("claude", "Average the readings", {"history.py": MEAN})
        second = self.agent("claude", "Use the standard library", {"history.py": FMEAN})
        return [
            Chapter(first, "the same agent rewrites most of it"),
            Chapter(second, "too small to say anything about"),
        ]

    def _dropped(self) -> Oid:
        self.day(2, 24)
        self.repo.run("switch", "--quiet", "--create", "voice")
        draft = self.agent("aider", "Try voice control", {"voice.py": VOICE})
        self.repo.run("switch", "--quiet", "main")
        self.repo.run("branch", "--quiet", "-D", "voice")
        return draft

    def _untouched(self) -> Oid:
        self.day(3, 3)
        draft = self.agent("copilot", "Count litres", {"litres.py": LITRES})
        self.person("Say how to start", {"README.md": README + "\nRun main.py.\n"})
        return draft


README = "# Greenhouse\n\nReads sensors and waters the pots.\n"
RULES = "Write small functions. Never catch bare exceptions.\n"

SENSORS = """\
def read_moisture(port):
    raw = port.read(2)
    return raw[0] * 256 + raw[1]


def is_dry(moisture):
    return moisture < 300
"""
VALVES = """\
def open_valve(pin):
    pin.high()
    wait(5)
    pin.low()
"""
PUMP = """\
def start(pump):
    pump.speed = 3


def stop(pump):
    pump.speed = 0


def prime(pump):
    start(pump)
    stop(pump)
"""
SETTINGS = """\
PORT = 8080
HOST = "localhost"
RETRIES = 3
TIMEOUT = 10
"""
SCHEDULE = """\
def next_watering(last, days):
    return last + days * DAY


def overdue(last, days, now):
    return now > next_watering(last, days)
"""
ALERTS = """\
def alert(message):
    print("ALERT", message)
    send_mail("ops", message)
"""
COLOURS = """\
COLOURS = {'dry': 'red', 'wet': 'blue', 'ok': 'green'}
"""
COLOURS_FORMATTED = """\
COLOURS = {
    "dry": "red",
    "wet": "blue",
    "ok": "green",
}
"""
SUMMARY = """\
def summary(readings):
    lowest = min(readings)
    highest = max(readings)
    return f"{lowest} to {highest}"
"""
SENSORS_TOML = """\
[sensors]
port = "/dev/ttyUSB0"
interval = 60
"""
LOCK = """\
[[package]]
name = "pyserial"
version = "3.5"
"""
MEAN = """\
def mean(values):
    total = 0
    for value in values:
        total += value
    return total / len(values)
"""
FMEAN = """\
from statistics import fmean


def mean(values):
    return fmean(values)
"""
VOICE = """\
def listen(microphone):
    words = microphone.transcribe()
    return words.lower().split()
"""
LITRES = """\
def litres(seconds):
    return seconds * 0.05
"""
