"""How the published tables beside the indices are made: explanations, changes, rates, space."""

import polars as pl

from assets.context import IndexRun
from geo.neighbours import neighbours
from pipeline.analysis.changes import change_summary, township_changes
from pipeline.analysis.rates import township_rates
from pipeline.indices.disclosure import withheld
from pipeline.indices.explanations import explanations


def make_explanations(run: IndexRun) -> pl.DataFrame:
    read = run.warehouse.read
    # The sentences name no figure closer than the public release does, whatever the profile.
    index = withheld(read("published.township_index"))
    clashes, known = read("records.clashes"), read("records.deliveries")
    displaced, services = read("indices.humanitarian"), read("indices.services")
    return pl.concat(
        explanations(index, displaced, services, clashes, known, method, run.clash_source) for method in run.methods
    )


def make_township_changes(run: IndexRun) -> pl.DataFrame:
    return township_changes(run.warehouse.read("published.township_index"))


def make_change_summary(run: IndexRun) -> pl.DataFrame:
    return change_summary(run.warehouse.read("published.township_changes"), run.warehouse.read("records.townships"))


def make_township_rates(run: IndexRun) -> pl.DataFrame:
    return township_rates(run.warehouse.read("published.township_index"), run.warehouse.read("records.townships"))


def make_neighbours(run: IndexRun) -> pl.DataFrame:
    frame = neighbours(run.warehouse.read("records.townships"))
    run.begin_space(frame)  # the statistics over them take seconds of the second process: waited for at the end
    return frame


def make_spatial_autocorrelation(run: IndexRun) -> pl.DataFrame:
    return run.space.autocorrelation


def make_hot_spots(run: IndexRun) -> pl.DataFrame:
    return run.space.hot_spots
