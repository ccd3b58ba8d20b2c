"""Township reports: displacement, public services and population; what all kinds of report share.

Rows in this project's own columns are read here; those of other sources come in the same columns, read by the source.

They share one shape: a day, a place and what was reported. A blank figure is a township not reported on
and stays missing; whether silence means zero is the delivery's to say and the indices' to apply.
"""

from collections.abc import Callable, Sequence

import polars as pl

from pipeline.declare.codes import SERVICE_ITEMS, GeoPrecision, PlacedBy, Reason, ServiceState
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.declare.frames import without
from pipeline.declare.methods import COUP
from pipeline.records import answers, parsing
from pipeline.records.parsing import rounded, with_columns_of
from pipeline.records.parts import as_written, township_figures
from pipeline.records.placing import Gazetteer, place, split_persons
from pipeline.records.review import reviewed
from pipeline.records.rules import day_rules, doubted, formula_rules, number_rules, term_rule, update_rule
from pipeline.records.running_totals import since_the_coup
from pipeline.records.triage import Rule, Triage, no_rows, triage, unreadable
from pipeline.sources.survey.source import ANSWER_LABELS

# Words that stand for a yes-or-no answer in exports of survey tools.
ANSWERS = {
    "yes": ServiceState.YES,
    "open": ServiceState.YES,
    "y": ServiceState.YES,
    "partial": ServiceState.PARTIAL,
    "partly": ServiceState.PARTIAL,
    "no": ServiceState.NO,
    "closed": ServiceState.NO,
    "n": ServiceState.NO,
    "unknown": ServiceState.UNKNOWN,
}
# The figures of a report of displaced people.
DISPLACED = ["idps_new_persons", "idps_stock_persons", "returnees_persons"]
# What tells two rows of one township apart, and what the delivery says of its rows.
_TELLING = ("_alike", "extra", "_rows", "_new_is")
# How the lines of a sheet that add up its townships begin or end: "Grand total", "Kachin Total".
_TOTALS = r"^(?i)(grand[ _-]?total|sub[ _-]?total|total)\b|(?i)\btotal$|^စုစုပေါင်း|စုစုပေါင်း$"


def displacement(
    canonical: pl.DataFrame, others: Sequence[Triage], moved: Sequence[Triage], gazetteer: Gazetteer
) -> Triage:
    """Columns of records.displacement from canonical rows, reports of other sources in their columns, and flows.

    `others` are rows not yet placed (sources/hpc/stock.py), `moved` records of flows of people (sources/idmc/flows.py).
    What was counted before the coup is never new displacement, whatever its column says. A file that states no day in
    any row, such as a round of site assessments, stands for the day of its sidecar.
    """
    own = reviewed(unreadable(_with_day_of_delivery(_canonical(canonical, DISPLACED))))
    shared = report_columns(["reference_date", *DISPLACED, *_TELLING])
    together = pl.concat([rows.kept[shared] for rows in (own, *others)])
    since = _since_the_coup(together)
    reports = placed_reports(since.kept, "reference_date", DISPLACED, [], gazetteer)
    running = since_the_coup(reports.kept)
    order = ["adm3_pcode", "reference_date", "delivery_id", "row_number"]
    kept = pl.concat([running, *(one.kept for one in moved)], how="diagonal_relaxed").sort(order)
    steps = (own, *others, since, reports, *moved)
    return Triage(kept, pl.concat([one.set_aside for one in steps]))


def _since_the_coup(rows: pl.DataFrame) -> Triage:
    """New displacement counts from the coup: an earlier figure is set aside, or left out beside a stock figure.

    A row with other figures is used for those, so that it cannot be set aside as well. A figure or date that
    cannot be read is left to the rules for those.
    """
    new = "idps_new_persons"
    day = parsing.day("reference_date")
    early = (day < COUP) & parsing.within_time(day) & parsing.whole_number(new).is_not_null()
    others = parsing.is_stated("idps_stock_persons") | parsing.is_stated("returnees_persons")
    judged = rows.with_columns(early.fill_null(False).alias("_early"))
    if not judged["_early"].any():
        return Triage(rows, no_rows())
    result = triage(judged, [Rule(pl.col("_early") & ~others, Reason.BEFORE_WINDOW, new)])
    kept = result.kept.with_columns(pl.when("_early").then(None).otherwise(new).alias(new))
    return Triage(without(kept, "_early"), result.set_aside)


def services(canonical: pl.DataFrame, others: Sequence[Triage], gazetteer: Gazetteer) -> Triage:
    """Columns of records.services from canonical rows and those of other sources; a blank answer is unknown.

    `others` say by `speaker` whose answers they are (sources/survey/submissions.py); the rows of a canonical file are
    statements of their source.
    """
    own = reviewed(unreadable(with_columns_of(canonical, (*PLACE_COLUMNS, *SERVICE_ITEMS))))
    words = {k: str(v) for k, v in (ANSWERS | ANSWER_LABELS).items()}
    shared = report_columns(["survey_date", *SERVICE_ITEMS, "informant_kind", "speaker"])
    sources = own.kept.with_columns(pl.col("source").alias("speaker"))
    together = pl.concat([sources[shared], *(one.kept[shared] for one in others)])
    asked_items = together.with_columns(
        parsing.term(item)
        .fill_null("unknown")
        .replace_strict(words, default=None, return_dtype=pl.String)
        .alias(f"_{item}")
        for item in SERVICE_ITEMS
    )
    known = triage(
        asked_items,
        [
            *formula_rules(*SERVICE_ITEMS),
            *(term_rule(pl.col(f"_{item}").is_null(), item, ServiceState) for item in SERVICE_ITEMS),
        ],
    )
    frame = known.kept.with_columns(pl.col(f"_{item}").alias(item) for item in SERVICE_ITEMS)
    reports = placed_reports(frame[shared], "survey_date", [], list(SERVICE_ITEMS), gazetteer)
    steps = (own, *others, known, reports)
    return Triage(reports.kept, pl.concat([one.set_aside for one in steps]))


def population(canonical: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Columns of records.population; a row without a figure is set aside. Sums over a grid are rounded to people."""
    own = reviewed(unreadable(_canonical(canonical, ["population_persons"])))
    own = Triage(rounded(own.kept, "population_persons"), own.set_aside)
    blank = triage(
        own.kept, [Rule(~parsing.is_stated("population_persons"), Reason.MISSING_VALUE, "population_persons")]
    )
    shared = report_columns(["reference_date", "population_persons", *_TELLING])
    reports = placed_reports(blank.kept[shared], "reference_date", ["population_persons"], [], gazetteer)
    return Triage(reports.kept, pl.concat([own.set_aside, blank.set_aside, reports.set_aside]))


def _canonical(rows: pl.DataFrame, counts: list[str]) -> pl.DataFrame:
    return as_written(with_columns_of(rows, PLACE_COLUMNS), "reference_date", counts)


def report_columns(own: list[str]) -> list[str]:
    """Place, `own` columns of a kind of report, and what the delivery says of a row."""
    return [
        *PLACE_COLUMNS,
        *own,
        "updated_at",
        "delivery_id",
        "row_number",
        "file_name",
        "kind",
        "source",
        "received",
        "received_at",
        "date_format",
    ]


def _with_day_of_delivery(frame: pl.DataFrame) -> pl.DataFrame:
    undated = (~parsing.is_stated("reference_date")).all().over("delivery_id")
    stated = pl.col("_reference_date").cast(pl.String)
    return frame.with_columns(pl.when(undated).then(stated).otherwise("reference_date").alias("reference_date"))


def _is_total() -> pl.Expr:
    """A line that adds up others: it says so in a place column and names no township by code or point."""
    places = ("adm3_pcode", "adm3_name", "adm2_name", "adm1_name")
    says = [parsing.text(name).str.contains(_TOTALS).fill_null(False) for name in places]
    has_code = parsing.text("adm3_pcode").str.contains(r"\d").fill_null(False)
    return pl.any_horizontal(says) & ~has_code & ~parsing.is_stated("longitude")


def placed_reports(
    frame: pl.DataFrame,
    day: str,
    counts: list[str],
    coded: list[str],
    gazetteer: Gazetteer,
    confidence: str | None = None,
    within: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> Triage:
    """Parse the day and the counts and place; one figure per township, day, source and delivery, or what stands.

    `confidence` names the column that decides between answers of one day. `within` gives the placed rows a `town`:
    reports are then of towns and not of whole townships.
    """
    lines = triage(frame, [Rule(_is_total(), Reason.NOT_A_TOWNSHIP, "adm3_name")])
    parsed = lines.kept.with_columns(
        parsing.day(day).alias("_day"),
        *(parsing.read_as(lines.kept, parsing.whole_number, name, pl.Int64).alias(f"_{name}") for name in counts),
    )
    parsed = doubted(parsed, {day: "_day"})
    good = triage(
        parsed,
        [
            *formula_rules(day, "updated_at", *PLACE_COLUMNS),
            Rule(~parsing.is_stated(day), Reason.MISSING_VALUE, day),
            *day_rules(day, "_day"),
            Rule(~parsing.within_time(pl.col("_day")), Reason.DATE_OUT_OF_RANGE, day),
            update_rule(),
            *(rule for name in counts for rule in number_rules(name, f"_{name}")),
        ],
    )
    typed = without(good.kept, day, *counts).rename({"_day": day, **{f"_{name}": name for name in counts}})
    placed = place(typed, gazetteer)
    if within:
        placed = Triage(within(placed.kept), placed.set_aside)
    unique = (
        township_figures(placed.kept, day, counts) if counts else answers.standing(placed.kept, day, coded, confidence)
    )
    # People are shared out over the successors of an old code; an answer is not divisible and holds for each.
    kept = split_persons(unique.kept, counts) if counts else unique.kept
    by_point = pl.col("placed_by") == str(PlacedBy.COORDINATES)
    kept = kept.with_columns(
        pl.when(by_point)
        .then(pl.lit(str(GeoPrecision.EXACT)))
        .otherwise(pl.lit(str(GeoPrecision.TOWNSHIP)))
        .alias("geo_precision"),
        parsing.moment_text("updated_at", "date_format").alias("updated_at"),
    )
    aside = pl.concat([lines.set_aside, good.set_aside, placed.set_aside, unique.set_aside])
    return Triage(kept.sort("adm3_pcode", day, "delivery_id", "row_number"), aside)
