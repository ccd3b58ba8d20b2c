"""What the figures rest on, in words: deliveries, rows set aside, and published figures beside ours.

Several sources of clashes in words: which one is counted, and how far the others agree with it.
"""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.codes import REASON_REMEDY, IndexName, Kind, Reason
from reports.release import Release, latest, leading_source, published
from reports.text.catalogue import Both, day_both, joined, label_both, month_both, same, say
from reports.text.values import from_to, share_both
from reports.text.wording import number, signed, yes_no

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


def comparison(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    return [
        {
            "figure": figure_words(row["figure"]),
            "published": number(row["published_value"]),
            "unit": row["published_unit"],
            "date": day_both(row["published_reference_date"]),
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


# Index -> the folder of the inbox whose records it is made from, and the columns that a file must have.
_RECORDS = {
    IndexName.HUMANITARIAN: (Kind.DISPLACEMENT, "reference_date, adm3_pcode, idps_new_persons, idps_stock_persons"),
    IndexName.SERVICES: (Kind.SERVICES, "survey_date, adm3_pcode, police_station, gad_office, electricity, "
                         "water_supply, salaries"),
}  # fmt: skip


def without_records(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Both]:
    """Index -> one sentence, for an index that no record is in force of in any township: how to add one."""
    rows = latest(tables, "township_index", release.method)
    told = {
        IndexName.HUMANITARIAN: rows["idps_persons"].is_not_null() | rows["idps_suppressed"].fill_null(False),
        IndexName.SERVICES: rows["services_known_count"].fill_null(0) > 0,
    }
    return {
        str(index): say("{index}: no record is in force, so nothing of it is shown. To add records, put a file with "
                        "the columns {columns} into the folder {folder} of the inbox and run again.",
                        index=label_both(index), columns=columns, folder=str(kind))
        for index, (kind, columns) in _RECORDS.items()
        if not told[index].any()
    }  # fmt: skip


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
            "received": day_both(row["received_at"]), "rows": number(row["rows_count"]),
            "used": number(row["rows_used_count"]), "aside": number(row["rows_set_aside_count"]),
            "contradicted": number(row["rows_contradicted_count"]),
            "dates": from_to(day_both(row["first_date"]), day_both(row["last_date"])) if row["first_date"]
            else label_both(None),
            "reasons": reasons.get(row["delivery_id"], []),
        }
        for row in published(tables, "deliveries").sort("kind", "file_name").to_dicts()
    ]  # fmt: skip


def went_in_words(tables: Mapping[str, pl.DataFrame]) -> Both:
    """The files that are in force and their rows, used and set aside."""
    frame = published(tables, "deliveries")
    rows, used, aside = (int(frame[f"rows_{part}count"].sum()) for part in ("", "used_", "set_aside_"))
    return say("{files} files hold {rows} rows: {used} are used and {aside} are set aside, each with its reason.",
               files=number(frame.height), rows=number(rows), used=number(used), aside=number(aside))  # fmt: skip


Frames = Mapping[str, pl.DataFrame]


def source_names(tables: Frames) -> dict[str, str]:
    """What each source calls itself, by its key; the key beside it where two call themselves the same."""
    rows = published(tables, "deliveries").filter(pl.col("kind") == "clashes").select("source_key", "source").unique()
    names = dict(rows.sort("source_key", "source", descending=[False, True]).iter_rows())
    shared = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {key: f"{name} ({key})" if name in shared else name for key, name in names.items()}


def leading_words(tables: Frames, release: Release) -> Both:
    """Which source the clashes are counted from, and that no other is added to it."""
    key = leading_source(tables, release.method)
    if key is None:
        return say("No source of clashes covers the country.")
    names = source_names(tables)
    others = [name for other, name in sorted(names.items()) if other != key]
    said = say("Clashes are counted from one source: {source}.", source=names.get(key, key))
    if not others:
        return said
    return joined(" ", (said, say("Other sources were delivered. They are compared with it and never added: {sources}.",
                                  sources="; ".join(others))))  # fmt: skip


def concordance(tables: Frames) -> list[dict[str, Any]]:
    """One row per pair of sources: a sentence that a reader can repeat, and the figures behind it."""
    names = source_names(tables)
    return [_pair(row, names) for row in published(tables, "source_concordance").to_dicts()]


def _pair(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    a, b = (names.get(row[key], row[key]) for key in ("source_a", "source_b"))
    if row["agreement_share"] is None:
        sentence = say("{a} and {b} have no month in common.", a=a, b=b)
    else:
        sentence = say(
            "{a} and {b}, {first} to {last}: in {share} of {count} months of a township both have a clash or both "
            "have none. {matched} of their {of_a} and {of_b} clashes may be the same ones, up to {chance} of them by "
            "chance.",
            a=a, b=b, share=share_both(row["agreement_share"]), count=number(row["township_months_count"]),
            first=month_both(row["period_start"]), last=month_both(row["period_end"]),
            matched=number(row["matched_count"]), of_a=number(row["events_a_count"]),
            of_b=number(row["events_b_count"]),
            chance=number(min(row["matched_by_chance_count"], row["matched_count"])),
        )  # fmt: skip
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
        "comparable": say("yes" if row["comparable"] else "no"),
        "note": row["assumptions_note"],
    }


def _decimals(value: float | None) -> Both:
    return say("undefined") if value is None else same(f"{value:.2f}".replace("-", "\u2212"))


def _estimate(row: Mapping[str, Any]) -> Both:
    if row["events_estimate"] is None:
        return say("not estimated")
    low, value, high = (f"{row[f'events_estimate{end}']:,.0f}" for end in ("_low", "", "_high"))
    return say("{count} ({low} to {high})", count=value, low=low, high=high)
