"""What cannot be had back from a public release: it is the same release for every figure that is shown alike.

The strongest attempt at recovery there is. Two sets of displacement records that differ only in what may not be told
(within a rounded ten, within 1 to 9) are taken through every published table; were any sum, rate, score, scenario,
rank or sentence to differ, a reader could tell the two apart by subtraction or otherwise.
"""

import shutil
from collections.abc import Iterator, Mapping, Set

import polars as pl
import pytest
from integration_homes import Small

from assets.context import IndexRun
from assets.run_context import run_context
from pipeline.analysis.tables import PUBLISHED, made_by
from pipeline.declare.codes import Profile
from pipeline.declare.methods import METHODS
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.indices.disclosure import shown_persons

FIGURES = ("idps_new_persons", "idps_stock_persons")
# These look at clashes alone, and wait for the second process.
OF_CLASHES_ALONE = {f"published.{name}" for name in ("neighbours", "spatial_autocorrelation", "hot_spots")}
CUTS = sorted(int(method.idps_high.value) for method in METHODS.values())
# What the internal profile is for: these and no other column differ from the public release.
EXACT = {
    ("township_index", "idps_persons"), ("township_index", "idps_suppressed"), ("national_summary", "idps_persons"),
    ("region_summary", "idps_persons"), ("township_rates", "idps_per_100000_persons"),
    # What is withheld from the public is shown as withheld; a share of people is one of the figure as shown.
    ("township_index", "humanitarian_shown"), ("township_index", "idps_population_share"),
    *(("displacement_series", f"idps_{what}") for what in (
        "stock_persons", "new_persons", "stock_change_persons", "new_change_persons", "stock_suppressed",
        "new_suppressed",
    )),
}  # fmt: skip


def shown_alike(persons: int | None) -> int | None:
    """The figure farthest from this one that a reader must not be able to tell from it."""
    if not persons:
        return persons
    if persons < 10:
        return 9 if persons < 5 else 1
    low, high = max(10, (persons + 5) // 10 * 10 - 5), (persons + 5) // 10 * 10 + 4
    for cut in CUTS:  # the class is published and says on which side of the cut the exact figure lies
        low, high = (max(low, cut), high) if persons >= cut else (low, min(high, cut - 1))
    return low if persons - low > high - persons else high


def with_hard_cases(records: pl.DataFrame) -> pl.DataFrame:
    """The records as of three days, with small groups, figures at the cuts, and stock beside new displacement."""
    earlier = [records.with_columns(pl.col("reference_date").dt.offset_by(by)) for by in ("-2mo", "-1mo")]
    records = pl.concat([*earlier, records])
    row = pl.int_range(pl.len())
    cases = [1, 3, 9, 10, 14, 15, *(cut + step for cut in CUTS for step in (-6, -5, -1, 0, 4, 5))]
    hard = pl.lit(pl.Series(cases * records.height)).head(pl.len())
    new = pl.when(row % 3 == 0).then(hard).otherwise("idps_new_persons")
    return records.with_columns(
        pl.when(row % 5 != 1).then(new).alias("idps_new_persons"),
        pl.when(row % 2 == 0).then(new * 2 + 3).alias("idps_stock_persons"),
    ).with_columns(pl.col(FIGURES).cast(pl.Int64))


def every_table(run: IndexRun, records: pl.DataFrame, wanted: Set[str] = frozenset()) -> Mapping[str, pl.DataFrame]:
    """Every published table that displacement could show through, or those `wanted`, made as a run makes it."""
    run.warehouse.write("records.displacement", records)
    context, read = run_context(run), run.warehouse.read
    tables = {}
    for made in (made_by("indices.humanitarian"), *PUBLISHED):
        asked = not wanted or made.tables[0] == "indices.humanitarian" or not wanted.isdisjoint(made.tables)
        if asked and OF_CLASHES_ALONE.isdisjoint(made.tables):
            for table, frame in made.frames(context, *(read(name) for name in made.reads)).items():
                run.warehouse.write(table, frame)
                tables[table] = frame
    del tables["indices.humanitarian"]
    return {table.removeprefix("published."): frame for table, frame in tables.items()}


def differing(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> set[tuple[str, str]]:
    assert {name: frame.shape for name, frame in one.items()} == {name: frame.shape for name, frame in other.items()}
    return {
        (name, column)
        for name, frame in one.items()
        for column in frame.columns
        if not frame[column].equals(other[name][column], null_equal=True)
    }


@pytest.fixture(scope="module")
def run(small_home: Small, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexRun]:
    """The small home after its run, its tables to be made again in this process."""
    folder = tmp_path_factory.mktemp("recovery")
    shutil.copytree(small_home.home / "deliveries", folder / "deliveries")
    for profile in Profile:
        place = Home(folder, profile)
        place.warehouse.mkdir(exist_ok=True)
        shutil.copy(Home(small_home.home).work_database, place.work_database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder))
        found = IndexRun()
        found.warehouse.open()
        yield found
        found.warehouse.close()


@pytest.fixture(scope="module")
def records(run: IndexRun) -> pl.DataFrame:
    return with_hard_cases(run.warehouse.read("records.displacement"))


@pytest.fixture(scope="module")
def public(run: IndexRun, records: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    return every_table(run, records)


def test_figures_that_are_shown_alike_make_the_same_release(
    run: IndexRun, records: pl.DataFrame, public: Mapping[str, pl.DataFrame]
) -> None:
    other = records.with_columns(pl.col(FIGURES).map_elements(shown_alike, return_dtype=pl.Int64))
    moved = records.select((pl.col(c) != other[c]).sum() for c in FIGURES).row(0)
    assert min(moved) > 100, "the two sets differ in most figures"
    for column in FIGURES:
        assert other.select(shown_persons(pl.col(column))).equals(records.select(shown_persons(pl.col(column))))
    assert differing(public, every_table(run, other)) == set()
    index = public["township_index"]
    assert index["idps_suppressed"].sum() > 0
    assert set(index["idps_basis"].drop_nulls()) == {"new", "stock"}


def test_a_figure_that_is_shown_otherwise_does_make_another(
    run: IndexRun, records: pl.DataFrame, public: Mapping[str, pl.DataFrame]
) -> None:
    """Else the test above would hold of tables in which nothing of displacement stands."""
    other = records.with_columns(pl.col(FIGURES) + 10)
    tables = ("township_index", "region_summary", "township_rates", "explanations", "scenarios")
    found = every_table(run, other, {f"published.{name}" for name in tables})
    moved = {table for table, _ in differing({name: public[name] for name in found}, found)}
    assert set(tables) <= moved


def test_the_internal_profile_differs_in_the_exact_figures_alone(
    run: IndexRun, records: pl.DataFrame, public: Mapping[str, pl.DataFrame]
) -> None:
    own = IndexRun(profile="internal")
    own.warehouse.open()
    try:
        internal = every_table(own, records)
    finally:
        own.warehouse.close()
    assert differing(public, internal) == EXACT
    assert internal["township_index"]["idps_persons"].is_between(1, 9).any()
    known = {name: t["township_index"]["idps_persons"].count() for name, t in (("in", internal), ("out", public))}
    assert known["in"] > known["out"], "nothing is withheld from the team"
