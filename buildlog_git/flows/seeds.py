"""Packs of rules: the repository's, the user's, and those that are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from buildlog_git.core.seeds import LEVELS, BadPack, Level, Pack, pack_of
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.rules import Rules, content_of, read_rules

FOLDER = ".buildlog/seeds"
SHIPPED = Path(__file__).resolve().parents[1] / "seeds"
_LARGEST = 1024 * 1024
_MOST = 100
"""Packs that are looked at in one folder."""


@dataclass(frozen=True, slots=True)
class SeedRule:
    """A rule of a pack; ``added`` says whether the work tree has a rule of that id."""

    id: str
    title: str
    error_class: str
    tokens: int
    added: bool


@dataclass(frozen=True, slots=True)
class SeedPack:
    """A pack and where it was found; ``hides`` are lower places that have one of the name too."""

    name: str
    title: str
    level: Level
    file: str
    rules: tuple[SeedRule, ...]
    hides: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class SeedList:
    """The packs by name, and what is wrong with files that hold none."""

    packs: tuple[SeedPack, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    level: Level
    path: Path
    shown: str


def list_seeds(context: Context) -> SeedList:
    """Return all packs."""
    rules = Rules() if context.repo.bare else read_rules(context.repo.top)
    known = {rule.id for rule in rules.rules}
    packs: dict[str, tuple[_File, Pack]] = {}
    hidden: dict[str, list[Level]] = {}
    problems = []
    for file in _files(context):
        name = file.path.stem
        if name in packs:
            hidden.setdefault(name, []).append(file.level)
            continue
        try:
            packs[name] = (file, _read(file))
        except BadPack as bad:
            problems.append(f"{file.shown}: {bad}")
    found = [
        SeedPack(
            name, pack.title, file.level, file.shown,
            tuple(
                SeedRule(rule.id, rule.title, rule.error_class, rule.tokens, rule.id in known)
                for rule in pack.rules
            ),
            tuple(hidden.get(name, ())),
        )
        for name, (file, pack) in sorted(packs.items())
    ]  # fmt: skip
    return SeedList(tuple(found), tuple(problems))


def find_pack(context: Context, name: str) -> Pack:
    """Return the pack of a name, from the first place that has one.

    Raises:
        UsageError: none has, or it cannot be used.

    """
    names = []
    for file in _files(context):
        names.append(file.path.stem)
        if file.path.stem == name:
            try:
                return _read(file)
            except BadPack as bad:
                raise UsageError(
                    f"{file.shown}: {bad}",
                    slug="bad-seed",
                    hint="mend the file, or move it away",
                ) from bad
    raise UsageError(
        f"there is no pack of that name: {name}",
        slug="unknown-seed",
        hint=f"the packs are {', '.join(sorted(set(names)))}",
    )


def _files(context: Context) -> Iterator[_File]:
    user = context.settings.user_folder
    folders: dict[Level, Path | None] = {
        "repository": None if context.repo.bare else context.repo.top.resolve() / FOLDER,
        "user": Path(user) / "seeds" if user else None,
        "shipped": SHIPPED,
    }
    for level in LEVELS:
        folder = folders[level]
        if folder is None or not folder.is_dir():
            continue
        if level == "repository" and folder.resolve() != folder:
            continue  # a link may lead anywhere
        paths = sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))
        for path in paths[:_MOST]:
            shown = f"{FOLDER}/{path.name}" if level == "repository" else str(path)
            yield _File(level, path, path.name if level == "shipped" else shown)


def _read(file: _File) -> Pack:
    """Return the pack in a file.

    Raises:
        BadPack: it cannot be used.

    """
    raw = content_of(file.path.parent.resolve(), file.path.name, _LARGEST)
    if isinstance(raw, str):
        raise BadPack(raw)
    try:
        content = yaml.load(raw.decode(), Loader=_Loader)  # noqa: S506 - it is a safe one
    except UnicodeDecodeError as error:
        raise BadPack("it is not UTF-8") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        said = str(error).splitlines() or ["it is too deep"]
        raise BadPack(f"it is no valid YAML ({said[0]})") from error
    return pack_of(file.path.stem, content)


class _Loader(yaml.SafeLoader):
    """Loads plain values, and no aliases: a few of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose a node that is no alias."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)
