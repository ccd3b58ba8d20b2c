"""Who may import whom: the house's table, enforced by reading the imports of every module."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"pipeline", "geo", "expectations", "assets", "reports"}
DECLARATIONS = {
    "pipeline.codes", "pipeline.columns", "pipeline.tables", "pipeline.sources", "pipeline.methods", "pipeline.actors",
    "pipeline.errors", "pipeline.settings", "pipeline.frames", "pipeline.readers.formats",
    "pipeline.survey",
    "pipeline.terms",
    "pipeline.corrections",
    "pipeline.formulas",
    "pipeline.scenarios",
    "pipeline.choices",
}  # fmt: skip
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
}

# (package, of ours that it may import, of others among the guarded libraries). The longest prefix decides.
TABLE: tuple[tuple[str, set[str], set[str]], ...] = (
    ("pipeline.definitions", {"assets"}, {"dagster"}),
    # The command line starts what the composition root composes and prints what the reports made.
    ("pipeline.cli", {"pipeline", "assets"}, set()),
    ("pipeline.launch", {"pipeline", "assets", "reports.closing"}, {"dagster"}),
    ("pipeline.records", {*DECLARATIONS, "pipeline.accounting", "pipeline.records"}, set()),
    ("pipeline.indices", {*DECLARATIONS, "pipeline.accounting", "pipeline.indices"}, set()),
    # Spatial statistics are a library's; it is imported in the second process alone.
    ("pipeline.indices.space", {*DECLARATIONS, "pipeline.indices"}, {"libpysal", "esda", "pandas"}),
    # A brief's arithmetic is pure too; what may be shown of people is decided in one place, the indices'.
    ("pipeline.briefs", {*DECLARATIONS, "pipeline.briefs"}, set()),
    ("pipeline.warehouse", DECLARATIONS, {"duckdb"}),
    ("pipeline.connectors", {"pipeline"}, {"httpx", "tenacity"}),
    ("pipeline", {"pipeline", "geo"}, set()),
    ("geo", {*DECLARATIONS, "geo"}, {"shapely", "geopandas", "pyogrio", "pyproj", "pandas"}),
    ("expectations", {"pipeline", "expectations"}, {"great_expectations", "pandas"}),
    (
        "reports",
        # pipeline.briefs: a brief is rendered from the counts that it declares, never from the records behind them.
        {*DECLARATIONS, "geo", "reports", "pipeline.briefs"},
        {"shapely", "geopandas", "pyogrio", "pyproj", "pandas", "typst", "fontTools"},
    ),
    ("assets", OURS, {"dagster"}),
)
# Only these may import a heavy library at module level; everywhere else it waits until it is used.
EAGER = {
    ("assets", "dagster"), ("pipeline.definitions", "dagster"), ("pipeline.warehouse", "duckdb"), ("geo", "shapely"),
}  # fmt: skip


def modules(root: Path) -> list[Path]:
    return [p for package in sorted(OURS) for p in sorted((root / package).rglob("*.py"))]


def name_of(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> list[tuple[str, bool]]:
    """(module imported, whether at module level)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found.append((f"{node.module}.{alias.name}", id(node) in top))
    return found


def within(name: str, allowed: set[str]) -> bool:
    return any(name == a or name.startswith(a + ".") for a in allowed)


def violations(root: Path) -> list[str]:
    faults = []
    for path in modules(root):
        module = name_of(path, root)
        package, ours, others = max((row for row in TABLE if within(module, {row[0]})), key=lambda row: len(row[0]))
        for imported, eager in imports(path):
            top = imported.split(".")[0]
            if top in OURS and not within(imported, ours):
                faults.append(f"{module} imports {imported}: {package} may not")
            if top in OURS and imported.startswith("pipeline.definitions") and module != "pipeline.launch":
                faults.append(f"{module} imports {imported}: nobody imports the composition root")
            if top in HEAVY and top not in others:
                faults.append(f"{module} imports {top}: {package} may not")
            if top in HEAVY and eager and not any(within(module, {p}) and lib == top for p, lib in EAGER):
                faults.append(f"{module} imports {top} at module level: import it where it is used")
    return faults


def test_every_import_is_allowed():
    assert violations(ROOT) == []


def test_only_the_warehouse_imports_duckdb():
    users = {name_of(p, ROOT) for p in modules(ROOT) if any(i.split(".")[0] == "duckdb" for i, _ in imports(p))}
    assert users == {"pipeline.warehouse"}


@pytest.mark.parametrize(
    ("where", "line", "message"),
    [
        ("pipeline/records/clashes.py", "import duckdb", "pipeline.records.clashes imports duckdb"),
        ("pipeline/indices/security.py", "from geo.townships import codes", "imports geo.townships.codes"),
        ("geo/names.py", "from pipeline.records.places import place", "imports pipeline.records.places.place"),
        ("reports/site.py", "from pipeline import warehouse", "imports pipeline.warehouse"),
        ("expectations/raw.py", "import great_expectations", "at module level"),
        ("assets/raw.py", "from pipeline.definitions import defs", "composition root"),
        ("pipeline/connectors/ucdp.py", "import httpx", "at module level"),
        ("pipeline/intake.py", "def f():\n    import httpx", "pipeline may not"),
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
    kept.write_text("import polars as pl\nfrom pipeline.codes import Reason\n")
    assert violations(tmp_path) == []
