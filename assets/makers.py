"""How each published table is made: reads the tables that it needs and calls a pure function."""

import polars as pl

from assets.context import IndexRun
from assets.knowledge import editions_frame, known_editions, settled_until
from assets.scenarios import records_of
from pipeline.analysis.concordance import source_concordance, source_matches
from pipeline.analysis.published_figures import comparison
from pipeline.analysis.revisions import revisions
from pipeline.declare.methods import COUP
from pipeline.declare.settings import REFERENCE
from pipeline.indices.control import territorial_control
from pipeline.indices.security import township_month_events
from pipeline.indices.summaries import national_summary, region_summary
from pipeline.indices.township_index import township_index
from pipeline.records.corrections import summary as correction_summary

ACTORS_REFERENCE_DATE = "2021-12-31"  # "of late 2021": the paper names no day


def make_townships(run: IndexRun) -> pl.DataFrame:
    return run.warehouse.read("records.townships")


def make_township_index(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    parts = {name: read(f"indices.{name}") for name in ("security", "humanitarian", "services", "control")}
    clashes, townships, settled = read("records.clashes"), read("records.townships"), settled_until(run)
    coarse = read("records.unallocated_events")
    frames = []
    for method in run.methods:
        own = {name: frame.filter(pl.col("method") == method.name) for name, frame in parts.items()}
        frames.append(
            township_index(
                own["security"],
                own["humanitarian"],
                own["services"],
                own["control"],
                clashes,
                townships,
                method,
                run.clash_source,
                coarse,
                settled_until=settled,
                profile=run.chosen_profile,
            )
        )
    return pl.concat(frames)


def make_region_summary(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return region_summary(read("published.township_index"), read("records.townships"))


def make_national_summary(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    index, townships, coarse = (
        read("published.township_index"), read("records.townships"), read("records.unallocated_events"),
    )  # fmt: skip
    return pl.concat(
        national_summary(index.filter(pl.col("method") == method.name), townships, coarse, method, run.clash_source)
        for method in run.methods
    )


def make_territorial_control(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return territorial_control(
        read("indices.security"), read("indices.services"), read("indices.control"), read("records.townships")
    )


def make_events(run: IndexRun) -> pl.DataFrame:
    return township_month_events(run.warehouse.read("records.clashes"), run.clash_source, COUP, run.last_day)


def make_revisions(run: IndexRun) -> pl.DataFrame:
    read, found = run.warehouse.read, editions_frame(known_editions(run))
    earlier, security, townships = read("records.earlier_editions"), read("indices.security"), make_townships(run)
    return pl.concat(
        revisions(earlier, found, security, townships, method, run.clash_source, run.last_day) for method in run.methods
    )


def make_deliveries(run: IndexRun) -> pl.DataFrame:
    known, counted = run.warehouse.read("records.deliveries"), run.warehouse.read("records.accounts")
    counts = ["rows_used_count", "rows_set_aside_count", "rows_contradicted_count"]
    columns = ["delivery_id", *counts, "first_date", "last_date"]
    return known.join(counted.select(columns), on="delivery_id", validate="1:1").sort("delivery_id")


def make_set_aside_summary(run: IndexRun) -> pl.DataFrame:
    rows = run.warehouse.read("records.set_aside")
    counted = rows.group_by("delivery_id", "reason").agg(pl.len().cast(pl.Int64).alias("rows_count"))
    return counted.sort("delivery_id", "reason")


def make_corrections(run: IndexRun) -> pl.DataFrame:
    return correction_summary(run.warehouse.read("records.corrections"), run.corrections)


def make_comparison(run: IndexRun) -> pl.DataFrame:
    return comparison(published_figures(), records_of(run))


def published_figures() -> pl.DataFrame:
    return pl.read_csv(REFERENCE / "published_figures.csv", try_parse_dates=True, glob=False)


def make_source_concordance(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return source_concordance(
        read("records.clashes"), read("indices.event_matches"), read("records.townships"), run.last_day
    )


def make_source_matches(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return source_matches(read("records.clashes"), read("indices.event_matches"), run.last_day)


def make_actor_dialogue(run: IndexRun) -> pl.DataFrame:
    frame = pl.read_csv(REFERENCE / "actor_dialogue_2021.csv", glob=False)
    return frame.with_columns(pl.lit(ACTORS_REFERENCE_DATE).str.to_date().alias("reference_date")).sort(
        "counterpart", "actor"
    )
