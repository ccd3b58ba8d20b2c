"""Who may import whom: the house's floors, enforced by reading the imports of every module."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"pipeline", "geo", "expectations", "assets", "reports"}
HEAVY = {
    "duckdb",
    "dagster",
    "great_expectations",
    "pandas",
    "geopandas",
    "shapely",
    "pyogrio",
    "pyproj",
    "httpx",
    "tenacity",
    "libpysal",
    "esda",
    "sklearn",
    "typst",
    "fontTools",
    "playwright",
    "apprise",
    "daft",
    "ray",
}
_SHAPES = {"shapely", "geopandas", "pyogrio", "pyproj", "pandas"}
_COMMANDS = {
    f"pipeline.{name}"
    for name in (
        "calibration",
        "neutral_brief",
        "doctor",
        "notifications",
        "set_aside",
        "fetch",
        "show",
        "status",
        "tally",
    )
}
# Data only: what is declared of a source lies in its folder, and the list of all sources before the folders.
_DECLARED = {"pipeline.declare", "pipeline.sources.__init__", "pipeline.sources.*.source"}
_COUNTED = {"geo", *_DECLARED, "pipeline.records"}
_FIGURES = {
    *_DECLARED,
    "reports.text",
    "reports.draw.symbology",
    "reports.release",
    "reports.figures",
    "reports.months",
    "reports.publication_lag",
}
_READ = {*_COUNTED, "pipeline.storage", "pipeline.ingest", "pipeline.fetching", "pipeline.sources"}

# Floors from the cellar up: (rooms of the floor, what they may import of ours beside themselves, guarded libraries).
# A module stands on the first floor that one of its rooms names; "*" is any one name. Reports read published tables
# alone, so they see less than what lies below them.
FLOORS: tuple[tuple[set[str], set[str], set[str]], ...] = (
    (_DECLARED, _DECLARED, set()),
    ({"geo"}, _DECLARED, _SHAPES),
    # What a row says is pure; what a home holds is read and written here, and duckdb in one module alone.
    ({"pipeline.records"}, _DECLARED, set()),
    ({"pipeline.storage"}, _COUNTED, {"duckdb"}),
    # A file read and a file downloaded never meet: what was downloaded lands in the inbox as any other file.
    ({"pipeline.ingest"}, {*_COUNTED, "pipeline.storage"}, set()),
    ({"pipeline.fetching"}, {*_COUNTED, "pipeline.storage"}, {"httpx", "tenacity"}),
    # Only the module that downloads meets the network; how a source's rows are read is pure.
    ({"pipeline.sources.*.fetch"}, {*_COUNTED, "pipeline.storage", "pipeline.fetching"}, {"httpx", "tenacity"}),
    ({"pipeline.sources"}, {*_DECLARED, "pipeline.records"}, set()),
    ({"pipeline.indices"}, {*_DECLARED, "pipeline.records"}, set()),
    ({"pipeline.analysis"}, {*_COUNTED, "pipeline.indices"}, set()),
    # What is sent leaves by one module.
    ({"pipeline.notifications.sending"}, {*_READ, "pipeline.notifications"}, {"apprise"}),
    # The engine of large files is imported where it is used, and by nothing else.
    ({"pipeline.tally"}, _READ, {"daft", "ray"}),
    (_COMMANDS, {*_READ, "pipeline.indices", "pipeline.analysis"}, set()),
    ({"expectations"}, {*_READ, "pipeline.indices", "pipeline.analysis"}, {"great_expectations", "pandas"}),
    # Reports read published tables alone. Symbols and words of a class are data, below the words that use them.
    ({"reports.draw.symbology"}, _DECLARED, set()),
    ({"reports.text"}, {*_DECLARED, "reports.draw.symbology"}, {"fontTools"}),
    ({"reports.release", "reports.figures", "reports.months", "reports.publication_lag"}, _FIGURES, set()),
    # A drawing is handed what it shows: it knows no table and no page.
    ({"reports.draw"}, {*_DECLARED, "reports.text"}, {"shapely", "typst"}),
    ({"reports.files"}, _FIGURES, {*_SHAPES}),
    ({"reports.site"}, {*_FIGURES, "reports.draw", "reports.files"}, {"shapely"}),
    ({"reports.national_brief"}, {*_FIGURES, "reports.draw", "reports.site"}, set()),
    ({"reports.neutral_brief"}, {*_FIGURES, "reports.draw", "reports.site", "pipeline.neutral_brief"}, {"shapely"}),
    ({"reports"}, _DECLARED, set()),
    ({"assets"}, {*_READ, *_COMMANDS, "pipeline.indices", "pipeline.analysis", "expectations", "reports"}, {"dagster"}),
    (
        {"pipeline.cli", "pipeline.options", "pipeline.release_commands", "pipeline.definitions"},
        {"pipeline", "assets"},
        {"dagster"},
    ),
)
# Only these may import a heavy library at module level; everywhere else it waits until it is used.
EAGER = {
    ("assets", "dagster"), ("pipeline.definitions", "dagster"), ("pipeline.storage.warehouse", "duckdb"),
    ("geo", "shapely"),
}  # fmt: skip
DOORS = {"pipeline.cli", "pipeline.definitions"}


def modules(root: Path) -> list[Path]:
    return [p for package in sorted(OURS) for p in sorted((root / package).rglob("*.py"))]


def name_of(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts)


def statements(body: list[Any]) -> Iterator[ast.stmt]:
    """All statements of a body, however deep: expressions hold no import, and are nine parts in ten of a tree."""
    for one in body:
        yield one
        for held in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from statements(getattr(one, held, []))


@cache
def imports(path: Path) -> list[tuple[str, bool]]:
    """(module imported, whether at module level)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    found = []
    for node in statements(tree.body):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found.append((f"{node.module}.{alias.name}", id(node) in top))
    return found


MODULES = {name_of(path, ROOT) for path in modules(ROOT)}


def module_of(imported: str) -> str:
    """The module in which an imported name stands; the name itself where no module of ours holds it."""
    parts = imported.split(".")
    for end in range(len(parts), 0, -1):
        found = ".".join(parts[:end])
        if found in MODULES or f"{found}.__init__" in MODULES:
            return found if found in MODULES else f"{found}.__init__"
    return imported


def within(name: str, rooms: set[str]) -> bool:
    """Whether a module lies in one of the rooms."""
    parts = name.split(".")
    return any(
        len(room) <= len(parts) and all(want in (part, "*") for want, part in zip(room, parts, strict=False))
        for room in (room.split(".") for room in rooms)
    )


def floor(module: str) -> tuple[str, set[str], set[str]]:
    """(room, what it may import of ours, guarded libraries) of a module."""
    return next(
        (room, {room, *ours}, libraries)
        for rooms, ours, libraries in FLOORS
        for room in sorted(rooms)
        if within(module, {room})
    )


def violations(root: Path) -> list[str]:
    faults = []
    for path in modules(root):
        module = name_of(path, root)
        if module == "pipeline.__init__":
            continue
        room, ours, others = floor(module)
        for imported, eager in imports(path):
            top = imported.split(".")[0]
            if top in OURS and not within(module_of(imported), ours):
                faults.append(f"{module} imports {imported}: {room} may not")
            if within(imported, DOORS) and module != "pipeline.cli":
                faults.append(f"{module} imports {imported}: nobody imports a door")
            if top in HEAVY and top not in others:
                faults.append(f"{module} imports {top}: {room} may not")
            if top in HEAVY and eager and not any(within(module, {p}) and lib == top for p, lib in EAGER):
                faults.append(f"{module} imports {top} at module level: import it where it is used")
    return faults


def test_every_import_is_allowed():
    assert violations(ROOT) == []


def circle(needs: dict[str, set[str]]) -> list[str]:
    """The modules of one circle of imports, those inside functions counted too; none where there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle():
    needs = {
        name: {module_of(imported) for imported, _ in imports(path)} & MODULES - {name}
        for path in modules(ROOT)
        for name in [name_of(path, ROOT)]
    }
    assert circle(needs) == []
    assert circle({**needs, "assets.instance": {"assets.context"}}) != [], "a planted circle is found"


def test_only_the_warehouse_imports_duckdb():
    users = {name_of(p, ROOT) for p in modules(ROOT) if any(i.split(".")[0] == "duckdb" for i, _ in imports(p))}
    assert users == {"pipeline.storage.warehouse"}


@pytest.mark.parametrize(
    ("where", "line", "message"),
    [
        ("pipeline/records/clashes.py", "import duckdb", "pipeline.records.clashes imports duckdb"),
        ("pipeline/indices/security.py", "from geo.townships import codes", "imports geo.townships.codes"),
        ("geo/names.py", "from pipeline.records.placing import place", "imports pipeline.records.placing.place"),
        ("reports/site/pages.py", "from pipeline.storage import warehouse", "imports pipeline.storage.warehouse"),
        ("expectations/raw.py", "import great_expectations", "at module level"),
        ("assets/raw.py", "from pipeline.definitions import defs", "nobody imports a door"),
        ("pipeline/sources/ucdp/fetch.py", "import httpx", "at module level"),
        ("reports/draw/maps.py", "from reports.site.townships import TownshipRow", "reports.draw may not"),
        ("reports/text/values.py", "from reports.draw.charts import Series", "reports.text may not"),
        ("reports/site/pages.py", "from reports.national_brief.page import write_brief", "reports.site may not"),
        ("reports/files/hxl.py", "from reports.site.blocks import Board", "reports.files may not"),
        ("pipeline/notifications/ledger.py", "def f():\n    import apprise", "pipeline.notifications may not"),
        ("pipeline/ingest/inbox.py", "def f():\n    import httpx", "pipeline.ingest may not"),
        (
            "pipeline/records/clashes.py",
            "from pipeline.sources.ucdp.events import ucdp_events",
            "pipeline.records may not",
        ),
        ("pipeline/records/clashes.py", "from pipeline.sources import parsers", "pipeline.records may not"),
        ("pipeline/sources/__init__.py", "from pipeline.sources import parsers", "pipeline.sources.__init__ may not"),
        (
            "pipeline/sources/ucdp/source.py",
            "from pipeline.records import parsing",
            "pipeline.sources.*.source may not",
        ),
        ("pipeline/sources/ucdp/events.py", "from pipeline.fetching import http", "pipeline.sources may not"),
        ("pipeline/sources/ucdp/events.py", "def f():\n    import httpx", "pipeline.sources may not"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path, where, line, message):
    planted = tmp_path / where
    planted.parent.mkdir(parents=True)
    planted.write_text(f'"""Planted."""\n\n{line}\n')
    found = violations(tmp_path)
    assert any(message in fault for fault in found), found


def test_a_module_that_keeps_the_rules_is_not_reported(tmp_path):
    kept = tmp_path / "pipeline" / "records" / "x.py"
    kept.parent.mkdir(parents=True)
    kept.write_text(
        "import polars as pl\nfrom pipeline.declare.codes import Reason\nfrom pipeline.sources import BY_KEY\n"
    )
    assert violations(tmp_path) == []
