"""The shape of the program, kept by a test: imports point inward, the core is pure."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = PROJECT / "buildlog_git"
MODULES = sorted(PACKAGE.rglob("*.py"))

ALLOWED = {
    "errors": set[str](),
    "core": {"errors"},
    "gitio": {"core", "errors"},
    "ledger": {"gitio", "core", "errors"},
    "config": {"core", "errors"},
    "render": {"core", "errors"},
    "flows": {"config", "ledger", "gitio", "core", "errors"},
    "hooks": {"flows", "config", "ledger", "gitio", "core", "errors", "render"},
    "cli": {"flows", "config", "ledger", "gitio", "core", "errors", "render"},
    "mcp": {"flows", "config", "ledger", "gitio", "core", "errors", "render"},
    "api": {"flows", "core", "errors"},
    "__main__": {"cli", "hooks", "mcp"},
    "__init__": set[str](),
}
"""What each layer may import besides itself; nobody imports a surface but ``__main__``."""

ONLY_IN = {
    "subprocess": {"gitio"},
    "git": {"gitio"},
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli", "render"},
    "mcp": {"mcp"},
    "anyio": {"mcp"},
    "yaml": {"flows"},
}
IMPURE = {
    "asyncio", "getpass", "io", "locale", "logging", "multiprocessing", "os",
    "pathlib", "platform", "random", "secrets", "shutil", "signal", "socket", "sqlite3",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
"""What would let the core see the machine, the clock or chance."""
CLOCK = {"now", "utcnow", "today"}
"""The ways in which ``datetime``, whose arithmetic is pure, asks the clock."""


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, also inside its functions."""
    home = path.relative_to(PROJECT).parent.parts
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = home[: len(home) - node.level + 1] if node.level else ()
            source = ".".join((*start, *filter(None, [node.module])))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_point_inward(path: Path) -> None:
    own = layer(path)
    assert own in ALLOWED, f"{own} has no place in the layers: give it one"
    for imported in imports(path):
        parts = imported.split(".")
        if parts[0] == PACKAGE.name and len(parts) > 1 and parts[1] in ALLOWED:
            assert parts[1] == own or parts[1] in ALLOWED[own], f"{own} imports {imported}"
        if parts[0] in ONLY_IN:
            assert own in ONLY_IN[parts[0]], f"{own} imports {imported}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=name)
def test_core_is_pure(path: Path) -> None:
    assert not {imported.split(".")[0] for imported in imports(path)} & IMPURE
    calls = [n.func for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    assert not names & {"open", "print", "input", "__import__", "exec", "eval"}
    assert not {call.attr for call in calls if isinstance(call, ast.Attribute)} & CLOCK


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_modules_and_functions_stay_small(path: Path) -> None:
    source = path.read_bytes()
    assert source.count(b"\n") <= 400
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 60, f"{node.name} has {lines} lines"


def test_the_laws_are_read_right(tmp_path: Path) -> None:
    """Guard the guard: relative and nested imports count."""
    path = PACKAGE / "core" / "never_written.py"
    tree = "from ..gitio import run\nfrom . import ids\ndef f():\n    import os.path\n"
    (tmp_path / "buildlog_git" / "core").mkdir(parents=True)
    real = tmp_path / path.relative_to(PROJECT)
    real.write_text(tree, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "PROJECT", tmp_path)
        found = set(imports(real))
    assert found == {"buildlog_git.gitio.run", "buildlog_git.core.ids", "os.path"}
