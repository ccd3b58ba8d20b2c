"""What the figures rest on, in words: deliveries, rows set aside, and published figures beside ours.

Not here: the figures themselves (views.py) and HTML.
"""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.codes import REASON_REMEDY, Reason
from reports.slices import published
from reports.wording import day, label, number, signed, yes_no

# Figures whose name is no phrase when its underscores are read as spaces.
_PHRASES = {
    "clashes_since_2021_02_01": "Clashes since 1 February 2021",
    "effective_control_lost_share": "Share of effective control lost",
    "junta_lost_complete_authority_area": "Area where the junta lost complete authority",
    "junta_lost_complete_authority_population": "Population where the junta lost complete authority",
    "townships_in_conflict_share": "Share of townships in conflict",
}


def figure_words(name: str) -> str:
    """The name of a published figure as a phrase."""
    if name in _PHRASES:
        return _PHRASES[name]
    words = name.replace("_", " ").replace(" idps", " displacement")
    return words[:1].upper() + words[1:]


def comparison(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, str]]:
    return [
        {
            "figure": figure_words(row["figure"]),
            "published": number(row["published_value"]),
            "unit": row["published_unit"],
            "date": day(row["published_reference_date"]),
            "source": row["published_source"],
            "ours": "not computable" if row["our_value"] is None else number(row["our_value"]),
            "difference": "not computable" if row["difference"] is None else signed(row["difference"]),
            "comparable": yes_no(row["comparable"]),
            "note": row["note"] or "none",
        }
        for row in published(tables, "comparison", by_key=False).to_dicts()
    ]


def comparison_with_notes(tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """The comparison with each sentence of its notes said once: rows name the sentences by number, from 1."""
    notes: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    for row in comparison(tables):
        sentences = [] if row["note"] == "none" else re.split(r"(?<=[.]) +", row["note"].strip())
        rows.append({**row, "notes": [notes.setdefault(sentence, len(notes) + 1) for sentence in sentences]})
    return {"rows": rows, "notes": list(notes)}


def went_in(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """Deliveries with their accounts, and under each the reasons for rows not used with what to do."""
    reasons: dict[str, list[dict[str, str]]] = {}
    for row in published(tables, "set_aside_summary").sort("rows_count", descending=True).to_dicts():
        known = row["reason"] in Reason.__members__.values()
        remedy = REASON_REMEDY[Reason(row["reason"])] if known else "No remedy is declared for this reason."
        entry = {
            "reason": row["reason"].replace("_", " "),
            "rows": number(row["rows_count"]),
            "remedy": remedy,
        }
        reasons.setdefault(row["delivery_id"], []).append(entry)
    return [
        {
            "kind": row["kind"], "source": row["source"], "licence": row["licence"], "file": row["file_name"],
            "received": day(row["received_at"]), "rows": number(row["rows_count"]),
            "used": number(row["rows_used_count"]), "aside": number(row["rows_set_aside_count"]),
            "contradicted": number(row["rows_contradicted_count"]),
            "dates": f"{day(row['first_date'])} to {day(row['last_date'])}" if row["first_date"] else label(None),
            "reasons": reasons.get(row["delivery_id"], []),
        }
        for row in published(tables, "deliveries").sort("kind", "file_name").to_dicts()
    ]  # fmt: skip
