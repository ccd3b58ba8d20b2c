"""Published assets: the tables that users rely on, made from records and indices."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from assets.knowledge import editions_frame, known_editions, settled_until
from assets.resources import IndexRun
from assets.scenarios import make_robustness, make_scenarios, make_sensitivity
from assets.stage import begin_store, check_spec, each_selected, table_spec
from geo.neighbours import neighbours
from pipeline.frames import empty
from pipeline.indices.change_summary import change_summary
from pipeline.indices.changes import township_changes
from pipeline.indices.comparison import comparison
from pipeline.indices.composite import composite, composite_weights
from pipeline.indices.concordance import source_concordance, source_matches
from pipeline.indices.control import territorial_control
from pipeline.indices.disagreement import control_disagreement
from pipeline.indices.events import township_month_events
from pipeline.indices.explanations import explanations
from pipeline.indices.index import township_index
from pipeline.indices.rates import township_rates
from pipeline.indices.revisions import revisions
from pipeline.indices.summaries import national_summary, region_summary
from pipeline.methods import COUP, Method
from pipeline.records.corrections import summary as correction_summary
from pipeline.settings import REFERENCE
from pipeline.tables import TABLES, Layer, layer

ACTORS_REFERENCE_DATE = "2021-12-31"  # "of late 2021": the paper names no day


def _townships(run: IndexRun) -> pl.DataFrame:
    return run.warehouse.read("records.townships")


def _township_index(run: IndexRun) -> pl.DataFrame:
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
            )
        )
    return pl.concat(frames)


def _region_summary(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return region_summary(read("published.township_index"), read("records.townships"))


def _national_summary(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    index, townships, coarse = (
        read("published.township_index"), read("records.townships"), read("records.unallocated_events"),
    )  # fmt: skip
    return pl.concat(
        national_summary(index.filter(pl.col("method") == method.name), townships, coarse, method, run.clash_source)
        for method in run.methods
    )


def _territorial_control(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return territorial_control(
        read("indices.security"), read("indices.services"), read("indices.control"), read("records.townships")
    )


def _control_disagreement(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return control_disagreement(read("published.township_index"), read("records.townships"))


def _events(run: IndexRun) -> pl.DataFrame:
    return township_month_events(run.warehouse.read("records.clashes"), run.clash_source, COUP, run.last_day)


def _revisions(run: IndexRun) -> pl.DataFrame:
    read, found = run.warehouse.read, editions_frame(known_editions(run))
    earlier, security, townships = read("records.earlier_editions"), read("indices.security"), _townships(run)
    return pl.concat(
        revisions(earlier, found, security, townships, method, run.clash_source, run.last_day) for method in run.methods
    )


def _deliveries(run: IndexRun) -> pl.DataFrame:
    known, counted = run.warehouse.read("records.deliveries"), run.warehouse.read("records.accounts")
    columns = ["delivery_id", "rows_used_count", "rows_set_aside_count", "first_date", "last_date"]
    return known.join(counted.select(columns), on="delivery_id", validate="1:1").sort("delivery_id")


def _set_aside_summary(run: IndexRun) -> pl.DataFrame:
    rows = run.warehouse.read("records.set_aside")
    counted = rows.group_by("delivery_id", "reason").agg(pl.len().cast(pl.Int64).alias("rows_count"))
    return counted.sort("delivery_id", "reason")


def _corrections(run: IndexRun) -> pl.DataFrame:
    return correction_summary(run.warehouse.read("records.corrections"), run.corrections)


def _comparison(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return comparison(
        _published_figures(), read("published.township_index"), read("published.national_summary"),
        read("records.townships"), run.clash_source,
    )  # fmt: skip


def _published_figures() -> pl.DataFrame:
    return pl.read_csv(REFERENCE / "published_figures.csv", try_parse_dates=True)


def _source_concordance(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return source_concordance(
        read("records.clashes"), read("indices.event_matches"), read("records.townships"), run.last_day
    )


def _source_matches(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    return source_matches(read("records.clashes"), read("indices.event_matches"), run.last_day)


def _explanations(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    index, clashes, known = read("published.township_index"), read("records.clashes"), read("records.deliveries")
    displaced, services = read("indices.humanitarian"), read("indices.services")
    return pl.concat(
        explanations(index, displaced, services, clashes, known, method, run.clash_source) for method in run.methods
    )


def _township_changes(run: IndexRun) -> pl.DataFrame:
    return township_changes(run.warehouse.read("published.township_index"))


def _change_summary(run: IndexRun) -> pl.DataFrame:
    return change_summary(run.warehouse.read("published.township_changes"), run.warehouse.read("records.townships"))


def _composite(run: IndexRun) -> pl.DataFrame:
    return _if_asked_for(run, "published.composite", composite)


def _composite_weights(run: IndexRun) -> pl.DataFrame:
    return _if_asked_for(run, "published.composite_weights", composite_weights)


def _if_asked_for(run: IndexRun, table: str, make: Callable[[pl.DataFrame, Method], pl.DataFrame]) -> pl.DataFrame:
    if not run.composite:
        return empty(table)
    index = run.warehouse.read("published.township_index")
    return pl.concat([make(index, method) for method in run.methods])


def _actor_dialogue(run: IndexRun) -> pl.DataFrame:
    frame = pl.read_csv(REFERENCE / "actor_dialogue_2021.csv")
    return frame.with_columns(pl.lit(ACTORS_REFERENCE_DATE).str.to_date().alias("reference_date")).sort(
        "counterpart", "actor"
    )


def _township_rates(run: IndexRun) -> pl.DataFrame:
    return township_rates(run.warehouse.read("published.township_index"), _townships(run))


def _neighbours(run: IndexRun) -> pl.DataFrame:
    frame = neighbours(_townships(run))
    run.begin_space(frame)  # the statistics over them take seconds of the second process: waited for at the end
    return frame


def _spatial_autocorrelation(run: IndexRun) -> pl.DataFrame:
    return run.space.autocorrelation


def _hot_spots(run: IndexRun) -> pl.DataFrame:
    return run.space.hot_spots


def _waiting(name: str) -> Callable[[IndexRun], pl.DataFrame]:
    """TEMPORARY: a table whose maker is not written yet; none may be left."""
    table = TABLES[f"published.{name}"]
    if table.key != ("method", "month", "adm3_pcode"):
        return lambda _: empty(table.full_name)
    blank = {"DOUBLE": 0.0, "BIGINT": 0, "BOOLEAN": False, "VARCHAR": "", "DATE": COUP}

    def fill(run: IndexRun) -> pl.DataFrame:
        keys = run.warehouse.read("published.township_index")
        return keys.select(
            pl.col(s.name)
            if s.name in keys.columns
            else pl.lit(None if s.name in table.nullable else (s.values[0] if s.values else blank[s.type])).alias(
                s.name
            )
            for s in table.specs
        )

    return fill


_INDICES = tuple(f"indices.{name}" for name in ("security", "humanitarian", "services", "control"))
_OF_SCENARIOS = (
    "records.clashes", "records.unallocated_events", "records.displacement", "records.services", "records.townships",
    "records.set_aside", "indices.security", "indices.humanitarian", "indices.services",
)  # fmt: skip
_EVENTS_OF_ALL = ("records.clashes", "indices.event_matches")
# in the order they are made: table -> how it is made, what it reads, which tables its suite compares it with
_MADE: Mapping[str, tuple[Callable[[IndexRun], pl.DataFrame], tuple[str, ...], tuple[str, ...]]] = {
    "townships": (_townships, ("records.townships",), ()),
    "township_index": (
        _township_index,
        (*_INDICES, "records.clashes", "records.unallocated_events", "records.townships"),
        ("indices.security",),
    ),
    "region_summary": (_region_summary, ("published.township_index",), ("published.township_index",)),
    "national_summary": (
        _national_summary,
        ("published.township_index", "published.region_summary", "records.unallocated_events"),
        ("published.township_index", "published.region_summary"),
    ),
    "territorial_control": (_territorial_control, _INDICES, ("published.townships",)),
    "township_month_events": (_events, ("records.clashes", "records.accounts"), ("published.township_index",)),
    "revisions": (
        _revisions,
        ("records.earlier_editions", "indices.security", "records.townships"),
        ("published.township_index",),
    ),
    "deliveries": (_deliveries, ("records.deliveries", "records.accounts"), ()),
    "set_aside_summary": (_set_aside_summary, ("records.set_aside",), ("published.deliveries",)),
    "corrections": (_corrections, ("records.corrections",), ()),
    "comparison": (_comparison, ("published.township_index", "published.national_summary"), ()),
    "source_concordance": (_source_concordance, (*_EVENTS_OF_ALL, "records.townships"), ()),
    "source_matches": (_source_matches, _EVENTS_OF_ALL, ("published.source_concordance",)),
    "control_disagreement": (
        _control_disagreement,
        ("published.township_index", "records.townships"),
        ("published.territorial_control",),
    ),
    "township_rates": (
        _township_rates,
        ("published.township_index", "records.townships"),
        ("published.township_index", "published.townships"),
    ),
    "township_changes": (_township_changes, ("published.township_index",), ("published.township_index",)),
    "change_summary": (
        _change_summary,
        ("published.township_changes", "records.townships"),
        ("published.township_changes",),
    ),
    "neighbours": (_neighbours, ("records.townships", "published.township_index"), ()),
    "scenarios": (
        make_scenarios,
        _OF_SCENARIOS,
        ("published.township_index", "published.territorial_control"),
    ),
    "robustness": (make_robustness, _OF_SCENARIOS, ("published.scenarios",)),
    "sensitivity": (make_sensitivity, ("published.scenarios",), ("published.scenarios",)),
    "explanations": (
        _explanations,
        (
            "published.township_index",
            "indices.humanitarian",
            "indices.services",
            "records.clashes",
            "records.deliveries",
        ),
        ("published.township_index", "published.deliveries"),
    ),
    "composite": (_composite, ("published.township_index",), ("published.township_index",)),
    "composite_weights": (_composite_weights, ("published.township_index",), ()),
    # Made late: they wait for the second process.
    "spatial_autocorrelation": (_spatial_autocorrelation, ("published.township_index", "published.neighbours"), ()),
    "hot_spots": (
        _hot_spots,
        ("published.township_index", "published.neighbours"),
        ("published.township_index", "published.spatial_autocorrelation"),
    ),
    "actor_dialogue": (_actor_dialogue, ("records.deliveries",), ()),
}


NAMES = tuple(table.name for table in layer(Layer.PUBLISHED))
if set(NAMES) != set(_MADE):
    raise ValueError(f"published tables and their makers differ: {sorted(set(NAMES) ^ set(_MADE))}")


def _begin(run: IndexRun, name: str) -> Callable[[], MaterializeResult]:
    make, _, compared = _MADE[name]
    frame = make(run)
    facts = {
        "as_of": run.knowledge_date,
        "cumulative_methods": run.cumulative_methods,
        "related": {other: run.warehouse.read(other) for other in compared},
        "published_figures": frozenset(_published_figures()["figure"].to_list()),
        "schematic": run.boundary_delivery is None,
    }
    return begin_store(run, f"published.{name}", frame, facts)


# One step for all of them, in the order of _MADE: the audits run while the next table is made.
@multi_asset(
    specs=[
        table_spec(
            f"published.{name}",
            group="published",
            deps=dict.fromkeys((*reads, *compared)),
            description=TABLES[f"published.{name}"].comment,
            skippable=True,
        )
        for name, (_, reads, compared) in _MADE.items()
    ],
    check_specs=[check_spec(f"published.{name}") for name in _MADE],
    can_subset=True,
)
def published(context: AssetExecutionContext, run: IndexRun) -> Any:
    yield from each_selected(context, "published", _MADE, lambda name: _begin(run, name))


ASSETS = [published]


def tables(run: IndexRun) -> dict[str, pl.DataFrame]:
    """Every published table by its bare name."""
    return {name: run.warehouse.read(f"published.{name}") for name in NAMES}
