"""What is new in a release, as Markdown: the country's last month beside the one before, and what an earlier one said.

For the data team, where it looks after a run; made from the files of the release alone.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from reports.figures import FIGURES
from reports.files.release_changes import CHANGES

# National figures of a month that can rise and fall.
_MONTHLY = (
    "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "signal_alert_count", "in_conflict_count",
    "security_high_count", "humanitarian_high_count", "idps_persons",
)  # fmt: skip
_KINDS: Mapping[str, str] = {
    "reclassified": "in another class", "revised": "another number",
    "other_days": "of a month that runs to another day", "added": "new", "removed": "gone",
}  # fmt: skip
LISTED = 20


def release_notes(folder: Path) -> str:
    """Markdown of a finished release folder."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    tables = folder / "tables"
    summary = _table(tables, "national_summary").filter(pl.col("method") == manifest["method"]).sort("month")
    names = dict(_table(tables, "townships").select("adm3_pcode", "adm3_name").iter_rows())
    changes = pl.read_csv(folder / CHANGES, infer_schema=False, glob=False)
    parts = [
        *([f"**{manifest['notice']}**"] if manifest["notice"] else []),
        month_notes(_old_enough(summary).tail(2).to_dicts()),
        change_notes(changes, names, manifest["previous_release"], manifest["changes_note"]),
    ]
    return "\n\n".join(parts)


def _old_enough(summary: pl.DataFrame) -> pl.DataFrame:
    """The months that may lead; all of a release in which none may, or of an older version that knew of no lag."""
    if "in_publication_lag" not in summary.columns:
        return summary
    old = summary.filter(~pl.col("in_publication_lag"))
    return summary if old.is_empty() else old


def month_notes(months: Sequence[Mapping[str, Any]]) -> str:
    """The figures of the last month beside the month before; `months` are one or two rows, the newest last."""
    now, before = months[-1], months[0] if len(months) > 1 else None
    head = f"### {now['month']:%B %Y}, to {now['period_end']:%-d %B %Y}"
    rows = [
        f"| {FIGURES[column].words} | {_shown(before[column] if before else None)} | {_shown(now[column])} |"
        for column in _MONTHLY
    ]
    return "\n".join([head, "", "| Figure | month before | this month |", "|---|---:|---:|", *rows])


def change_notes(changes: pl.DataFrame, names: Mapping[str, str], previous: str | None, note: str) -> str:
    """How many values differ from the release before, by kind, and the first townships in another class.

    `changes` is changes.csv as text; `names` P-code -> name.
    """
    if previous is None or note:
        return f"### Beside the release before\n\n{note or 'There is no earlier release in this home.'}"
    head = f"### Beside release {previous}"
    if changes.is_empty():
        return f"{head}\n\nNo class and no count of a month that both hold is another."
    counts = dict(changes.group_by("kind").len().iter_rows())
    lines = [f"- {counts[kind]:,} values {words}" for kind, words in _KINDS.items() if counts.get(kind)]
    moved = changes.filter(pl.col("kind") == "reclassified", pl.col("adm3_pcode").is_not_null())
    moved = moved.sort("month", descending=True, maintain_order=True)
    rows = [
        f"| {names.get(row['adm3_pcode'], row['adm3_pcode'])} | {row['month'] or ''} | {row['column']} "
        f"| {row['before'] or 'none'} | {row['after'] or 'none'} |"
        for row in moved.head(LISTED).to_dicts()
    ]
    table = ["", "| Township | month | column | before | now |", "|---|---|---|---|---|", *rows] if rows else []
    rest = [f"\nand {moved.height - LISTED:,} more, in {CHANGES}"] if moved.height > LISTED else []
    return "\n".join([head, "", *lines, *table, *rest])


def _shown(value: int | float | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _table(tables: Path, name: str) -> pl.DataFrame:
    # The home's path may hold what Polars would take for a pattern or a partition.
    return pl.read_parquet(tables / f"{name}.parquet", glob=False, hive_partitioning=False)
