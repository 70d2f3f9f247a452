"""JSON Schema of every ``--json`` output and of the ledger's lines, made from the dataclasses.

A schema's ``$id`` carries its version. Fields may be added within a version; a field that goes
away or changes its meaning makes a new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import cleandoc
from typing import Any

from pydantic import TypeAdapter

from buildlog_git.core.attribution import Evidence
from buildlog_git.core.effects import Learned, RuleEffect
from buildlog_git.core.events import FORMAT, every_kind
from buildlog_git.core.experiment import ExperimentReport
from buildlog_git.core.ids import Oid
from buildlog_git.core.lesson import Lesson
from buildlog_git.core.metrics import Metrics
from buildlog_git.core.observe import Exposed
from buildlog_git.core.region import Account
from buildlog_git.core.report import SCHEMA as REPORT_SCHEMA
from buildlog_git.core.report import Report
from buildlog_git.core.reward import Rewards
from buildlog_git.core.twins import Twin
from buildlog_git.errors import UsageError
from buildlog_git.flows.blame import Blame
from buildlog_git.flows.carry import Carried
from buildlog_git.flows.changes import Installed, Uninstalled
from buildlog_git.flows.check import Health
from buildlog_git.flows.compact import Compacted
from buildlog_git.flows.demo import Demo
from buildlog_git.flows.distance import DistanceResult
from buildlog_git.flows.doctor import Diagnosis
from buildlog_git.flows.drain import Drained, Judged
from buildlog_git.flows.export import Exported
from buildlog_git.flows.forget import Forgotten
from buildlog_git.flows.importing import AddedRules
from buildlog_git.flows.init import Init
from buildlog_git.flows.legacy import Imported
from buildlog_git.flows.lesson import Kept
from buildlog_git.flows.log import Log
from buildlog_git.flows.mistakes import LoggedMistake, MistakeList
from buildlog_git.flows.overview import Overview
from buildlog_git.flows.pinned import Rendering
from buildlog_git.flows.privacy import Privacy
from buildlog_git.flows.proposing import Proposals
from buildlog_git.flows.repair import Repair
from buildlog_git.flows.rewards import GivenReward
from buildlog_git.flows.rulebook import RuleCheck, RuleList, ShownRule
from buildlog_git.flows.rulefiles import ChangedRules
from buildlog_git.flows.scan import ScanResult
from buildlog_git.flows.seeds import SeedList
from buildlog_git.flows.session_by_hand import SessionList, StartedSession
from buildlog_git.flows.session_view import SessionItem
from buildlog_git.flows.status import Status
from buildlog_git.flows.sync import Synced
from buildlog_git.flows.why import Why
from buildlog_git.ledger.store import DamagedLine

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VERSION = 1

_NAMESPACE = {
    "DamagedLine": DamagedLine, "Exposed": Exposed, "Learned": Learned, "Lesson": Lesson,
    "Mapping": Mapping, "Oid": Oid, "Repair": Repair, "RuleEffect": RuleEffect,
}  # fmt: skip
"""What some dataclasses name in their annotations and import for the type checker alone."""

_NAMED_TUPLES = (Account, DamagedLine, Evidence, Judged, Twin)
"""Pydantic makes an array of a named tuple, our JSON an object."""

_OUTPUTS: dict[str, type] = {
    "report": Report,
    "distance": DistanceResult,
    "drain": Drained,
    "why": Why,
    "blame": Blame,
    "log": Log,
    "check": Health,
    "scan": ScanResult,
    "init": Init,
    "demo": Demo,
    "install": Installed,
    "uninstall": Uninstalled,
    "rewards": Rewards,
    "reward": GivenReward,
    "rules-list": RuleList,
    "rules-show": ShownRule,
    "rules-check": RuleCheck,
    "rules-add": AddedRules,
    "rules-import": AddedRules,
    "rules-pin": ChangedRules,
    "rules-trial": ChangedRules,
    "rules-retire": ChangedRules,
    "rules-seeds": SeedList,
    "rules-propose": Proposals,
    "rules-effects": Lesson,
    "rules-render": Rendering,
    "learn": Kept,
    "session-start": StartedSession,
    "session-end": SessionItem,
    "session-list": SessionList,
    "session-show": SessionItem,
    "session-metrics": Metrics,
    "experiment": ExperimentReport,
    "mistake": LoggedMistake,
    "mistakes": MistakeList,
    "stats": Overview,
    "status": Status,
    "doctor": Diagnosis,
    "forget": Forgotten,
    "compact": Compacted,
    "carry": Carried,
    "privacy": Privacy,
    "export": Exported,
    "import": Imported,
    "sync": Synced,
}
NAMES = (*_OUTPUTS, "events")

Schema = dict[str, Any]


def schema_of(name: str) -> Schema:
    """Return the schema called ``name``.

    Raises:
        UsageError: there is none of that name.

    """
    if name == "events":
        return _events()
    if name not in _OUTPUTS:
        raise UsageError(
            f"there is no schema of that name: {name}",
            slug="unknown-schema",
            hint=f"the names are {', '.join(NAMES)}",
        )
    schema = {"$schema": DIALECT, "$id": f"buildlog.{name}/{VERSION}", **_of(_OUTPUTS[name])}
    for found in (schema, *schema.get("$defs", {}).values()):
        if found.get("title") == Report.__name__:
            found["properties"]["schema"] = {"const": REPORT_SCHEMA}
    return schema


def all_schemas() -> dict[str, Schema]:
    """Return every schema by its name."""
    return {name: schema_of(name) for name in NAMES}


def _of(cls: type) -> Schema:
    adapter: TypeAdapter[Any] = TypeAdapter(cls)
    adapter.rebuild(_types_namespace=_NAMESPACE)
    schema = adapter.json_schema(mode="serialization")
    definitions = schema.get("$defs", {})
    if issubclass(cls, tuple):
        schema = _as_object(schema, cls) | {"$defs": definitions}
    for named in _NAMED_TUPLES:
        if named.__name__ in definitions:
            definitions[named.__name__] = _as_object(definitions[named.__name__], named)
    for found in (schema, *definitions.values()):
        _tidy(found)
    return schema


def _as_object(schema: Schema, cls: type) -> Schema:
    """Return the schema of a named tuple as that of an object, as our JSON has it."""
    names: Sequence[str] = cls._fields  # type: ignore[attr-defined]
    parts = schema["prefixItems"]
    return {
        "title": cls.__name__,
        "description": cleandoc(cls.__doc__ or ""),
        "type": "object",
        "properties": dict(zip(names, parts, strict=True)),
    }


def _tidy(schema: Schema) -> None:
    """Say that every field is always there, and drop what only repeats a field's name."""
    properties = schema.get("properties")
    if properties is None:
        return
    schema["required"] = list(properties)
    schema.pop("additionalProperties", None)  # a later release may add fields
    for part in properties.values():
        part.pop("title", None)
        part.pop("default", None)


def _events() -> Schema:
    """Return the schema of one line of the ledger."""
    kinds = []
    definitions: Schema = {}
    for kind, cls in every_kind().items():
        schema = TypeAdapter(cls).json_schema()
        definitions |= schema.pop("$defs", {})
        schema = _as_object(schema, cls)
        schema["required"] = [name for name in cls._fields if name not in cls._field_defaults]
        for part in schema["properties"].values():
            part.pop("title", None)
        head = {
            "v": {"const": FORMAT},
            "kind": {"const": kind},
            "id": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        }
        schema["properties"] = head | schema["properties"]
        schema["required"] = [*head, *schema["required"]]
        schema.pop("additionalProperties", None)
        kinds.append(schema)
    return {
        "$schema": DIALECT,
        "$id": f"buildlog.events/{FORMAT}",
        "description": "One line of a note in refs/notes/buildlog.",
        "oneOf": kinds,
        **({"$defs": definitions} if definitions else {}),
    }
