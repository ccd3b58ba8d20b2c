"""Several sources of clashes in words: which one is counted, and how far the others agree with it.

Not here: the figures of the one that is counted (views.py), what was delivered (evidence.py).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from reports.release import Release
from reports.slices import latest, published
from reports.wording import label, month_name, number, share

Frames = Mapping[str, pl.DataFrame]


def source_names(tables: Frames) -> dict[str, str]:
    """What each source calls itself, by its key; the key beside it where two call themselves the same."""
    rows = published(tables, "deliveries").filter(pl.col("kind") == "clashes").select("source_key", "source").unique()
    names = dict(rows.sort("source_key", "source", descending=[False, True]).iter_rows())
    shared = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {key: f"{name} ({key})" if name in shared else name for key, name in names.items()}


def leading_words(tables: Frames, release: Release) -> str:
    """Which source the clashes are counted from, and that no other is added to it."""
    key = latest(tables, "national_summary", release.method)["clash_source"].item()
    if key is None:
        return "No source of clashes covers the country."
    names = source_names(tables)
    others = [name for other, name in sorted(names.items()) if other != key]
    said = f"Clashes are counted from one source: {names.get(key, key)}."
    if not others:
        return said
    return f"{said} Other sources were delivered and are compared with it, never added: {'; '.join(others)}."


def concordance(tables: Frames) -> list[dict[str, Any]]:
    """One row per pair of sources: a sentence that a reader can repeat, and the figures behind it."""
    names = source_names(tables)
    return [_pair(row, names) for row in published(tables, "source_concordance").to_dicts()]


def _pair(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    a, b = (names.get(row[key], row[key]) for key in ("source_a", "source_b"))
    if row["agreement_share"] is None:
        sentence = f"{a} and {b} have no month in common."
    else:
        sentence = (
            f"{a} and {b} agree on whether a township had a clash in {share(row['agreement_share'])} of "
            f"{number(row['township_months_count'])} township-months, {month_name(row['period_start'])} to "
            f"{month_name(row['period_end'])}; {number(row['matched_count'])} of their {number(row['events_a_count'])} "
            f"and {number(row['events_b_count'])} clashes may be the same ones, up to "
            f"{number(min(row['matched_by_chance_count'], row['matched_count']))} of them by chance."
        )
    return {
        "sentence": sentence,
        "a": a,
        "b": b,
        "months": number(row["months_count"]),
        "both": number(row["both_count"]),
        "only_a": number(row["only_a_count"]),
        "only_b": number(row["only_b_count"]),
        "neither": number(row["neither_count"]),
        "kappa": _decimals(row["kappa"]),
        "ranks": _decimals(row["rank_correlation"]),
        "estimate": _estimate(row),
        "comparable": "yes" if row["comparable"] else "no",
        "note": row["assumptions_note"],
    }


def _decimals(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}".replace("-", "\u2212")


def _estimate(row: Mapping[str, Any]) -> str:
    if row["events_estimate"] is None:
        return label(None).replace("reported", "estimated")
    low, value, high = (f"{row[f'events_estimate{end}']:,.0f}" for end in ("_low", "", "_high"))
    return f"{value} ({low} to {high})"
