"""The dictionary and the method in rows, rendered by the workbook, the pages and nothing else.

All words come from the declarations (columns.py, tables.py, methods.py); this file only arranges them.
"""

from collections.abc import Iterable
from dataclasses import fields, replace

from pipeline.declare.choice import Choice
from pipeline.declare.columns import COLUMNS, Column
from pipeline.declare.methods import Method, SourceThresholds
from pipeline.declare.tables import Layer, layer
from reports.files.release_changes import CHANGE_COLUMNS, CHANGES

DICTIONARY_HEADER = (
    "column",
    "type",
    "unit",
    "meaning",
    "zero means",
    "missing means",
    "allowed",
    "adds up by",
    "tables",
)
METHOD_HEADER = ("method", "choice", "source", "value", "why")


def allowed(column: Column) -> str:
    """Codes, bounds or pattern of a column in one phrase."""
    if column.values:
        return ", ".join(column.values)
    low = "" if column.low is None else f"at least {column.low:g}"
    high = "" if column.high is None else f"at most {column.high:g}"
    return ", ".join(part for part in (low, high, column.pattern) if part)


def dictionary_rows() -> list[tuple[str, ...]]:
    """One row a column that any published table holds, in the order of declaration, then those of changes.csv.

    Those are named after their file: `kind` there is not the kind of a delivery.
    """
    holders: dict[str, list[str]] = {}
    for table in layer(Layer.PUBLISHED):
        for name in table.columns:
            holders.setdefault(name, []).append(table.name)
    own = [replace(c, name=f"changes.{c.name}") for c in CHANGE_COLUMNS if c.name not in ("method", "month")]
    for name in ("method", "month", *(c.name for c in own)):
        holders.setdefault(name, []).append(CHANGES)
    return [
        (c.name, c.type, c.unit, c.meaning, c.zero, c.missing, allowed(c), c.adds or "must not be combined",
         ", ".join(holders[c.name]))
        for c in (*COLUMNS.values(), *own)
        if c.name in holders
    ]  # fmt: skip


def table_rows() -> list[tuple[str, str, str, str]]:
    """One row a published table: name, grain, key, caveats."""
    return [
        (table.name, f"one row per {table.grain}", ", ".join(table.key), " ".join(table.caveats))
        for table in layer(Layer.PUBLISHED)
    ]


def choice_rows(method: Method) -> list[tuple[str, str, str, str, str]]:
    """Every number of a method with its reason: the cuts per source family, then the others.

    A saved method holds for one family alone; what its base states for others is never used and is left out.
    """
    rows = []
    families = [method.saved.source_family] if method.saved else [*method.security]
    own: list[tuple[str, SourceThresholds | Method]] = [(name, method.security[name]) for name in families]
    holders = [*own, ("all", method)]
    for source, holder in holders:
        for field in fields(holder):
            value = getattr(holder, field.name)
            if isinstance(value, Choice):
                rows.append((method.name, field.name, source, f"{value.value:g}", value.why))
            elif isinstance(value, tuple):  # the lower ends of several steps
                rows += [(method.name, f"{field.name}, {place}", source, f"{one.value:g}", one.why)
                         for place, one in enumerate(value, start=1) if isinstance(one, Choice)]  # fmt: skip
    return rows


def method_rows(methods: Iterable[Method]) -> list[tuple[str, str, str, str, str]]:
    return [row for method in methods for row in choice_rows(method)]


def window_words(method: Method) -> str:
    if method.window_months is None:
        return f"cumulative from {method.window_start.isoformat()} to the end of each month"
    return f"the {method.window_months} months up to and including each month"
