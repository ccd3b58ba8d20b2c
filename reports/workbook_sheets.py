"""Which published tables have a sheet in the workbook, and what stands on it.

Not here: how a sheet looks and prints (workbook.py).
"""

from collections.abc import Mapping

import polars as pl

from reports.slices import latest_of_all_methods, published

# (table, what the sheet holds, whether only the latest month stands here)
SHEETS: tuple[tuple[str, str, bool], ...] = (
    ("national_summary", "The country by month, all methods", False),
    ("region_summary", "The 15 states, regions and union territory, latest month, all methods", True),
    ("township_index", "The 330 townships, latest month, all methods", True),
    ("territorial_control", "Share of control lost on three bases and three measures, latest month", True),
    ("revisions", "How past months moved between editions, all methods", False),
    ("township_rates", "Rates by area and people, raw and smoothed, latest month, all methods", True),
    ("township_changes", "The latest month beside the month before, all methods", True),
    ("change_summary", "Rises and falls in the country and each state or region, latest month, all methods", True),
    ("hot_spots", "Hot and cold spots of clashes, latest month, all methods", True),
    ("spatial_autocorrelation", "Whether clashes cluster, by month, all methods", False),
    ("robustness", "In how many scenarios each class is kept, latest month, all methods", True),
    ("sensitivity", "What each choice of the method moves", False),
    ("scenarios", "Every scenario of the method and what it moves", False),
    ("explanations", "What each class is made from and what would change it", False),
    ("control_disagreement", "Where the bases of control disagree, latest month", True),
    ("composite", "Secondary: the optional composite of the three indices", False),
    ("composite_weights", "Weights of the optional composite", False),
    ("neighbours", "Which townships are neighbours", False),
    ("comparison", "Published figures beside this release", False),
    ("source_concordance", "How far sources of clashes agree, pair by pair", False),
    ("deliveries", "What went in", False),
    ("set_aside_summary", "Rows not used, by reason", False),
    ("corrections", "Known errors of the sources that were mended", False),
    ("actor_dialogue", "Conflict and dialogue of parties, late 2021", False),
    ("townships", "The list of 330 townships", False),
)

# Long tables for machines: one row an event count or a pair.
LEFT_OUT: tuple[tuple[str, str], ...] = (
    ("source_matches", "Clashes of two sources side by side, by month and township"),
    ("township_month_events", "Events by month, township and class"),
)


_NAMES = ("adm3_name", "adm3_name_my", "state_region")  # of a township, beside its code


def sheet_frame(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """What a sheet holds: the table or its latest month, without the geometry.

    Of townships, code and names come first, for a reader to follow; a table that has only codes gets the names.
    """
    cut = next(latest_only for one, _, latest_only in SHEETS if one == name)
    frame = (latest_of_all_methods(tables, name) if cut else published(tables, name)).drop("geometry", strict=False)
    if "adm3_pcode" not in frame.columns:
        return frame
    lacking = [column for column in _NAMES if column not in frame.columns]
    names = published(tables, "townships").select("adm3_pcode", *lacking)
    named = frame.join(names, on="adm3_pcode", how="left", validate="m:1", maintain_order="left")
    return named.select("adm3_pcode", *_NAMES, pl.exclude("adm3_pcode", *_NAMES))
