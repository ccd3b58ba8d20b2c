"""Rules on neighbours and on the statistics over them.

The constants of the statistics are the method's (pipeline.declare.methods), except the level that a class of
significance may never exceed.
"""

import polars as pl

from expectations.rule import Facts, RowRule, Section, related, row_rule
from pipeline.declare.codes import HotSpot, LocalCluster
from pipeline.declare.methods import FALSE_DISCOVERY_RATE

LEVEL = FALSE_DISCOVERY_RATE.value
ROUNDING = 2e-6  # rates and statistics are published with six decimals
ALIKE = (LocalCluster.HIGH_HIGH, LocalCluster.LOW_LOW)
UNLIKE = (LocalCluster.HIGH_LOW, LocalCluster.LOW_HIGH)
AMID_HIGH = (LocalCluster.HIGH_HIGH, LocalCluster.LOW_HIGH)
AMID_LOW = (LocalCluster.LOW_LOW, LocalCluster.HIGH_LOW)


def _is(column: str, *words: str) -> pl.Expr:
    return pl.col(column).is_in([str(word) for word in words])


def mirrored(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Every pair with the basis that the pair the other way round has."""
    back = frame.select(
        pl.col("neighbour_pcode").alias("adm3_pcode"),
        pl.col("adm3_pcode").alias("neighbour_pcode"),
        pl.col("neighbour_basis").alias("basis_back"),
    ).unique(["adm3_pcode", "neighbour_pcode"])
    return frame.join(
        back, on=["adm3_pcode", "neighbour_pcode"], how="left", validate="m:1", maintain_order="left"
    )  # fmt: skip


def found_neighbours(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Every township with its number of neighbours."""
    if not facts.codes:
        return None
    number = frame.group_by("adm3_pcode").agg(pl.len().alias("neighbours"))
    places = pl.DataFrame({"adm3_pcode": facts.codes}, schema={"adm3_pcode": pl.String})
    return places.join(number, on="adm3_pcode", how="left", validate="1:1", maintain_order="left")


NEIGHBOURS = (
    Section(
        (
            row_rule(
                "not_its_own_neighbour",
                "Nobody is its own neighbour.",
                lambda _: pl.col("adm3_pcode") == pl.col("neighbour_pcode"),
            ),
        )
    ),
    Section(
        (
            row_rule(
                "neighbours_both_ways",
                "A neighbour's neighbour is the township itself, on the same basis.",
                lambda _: pl.col("neighbour_basis").ne_missing(pl.col("basis_back")),
            ),
        ),
        mirrored,
    ),
    Section(
        (
            row_rule(
                "a_neighbour_for_each",
                "Every township has a neighbour, an island its nearest.",
                lambda _: pl.col("neighbours").is_null(),
            ),
        ),
        found_neighbours,
    ),
)

AUTOCORRELATION = Section(
    (
        row_rule(
            "autocorrelation_whole",
            "Moran's I, its expectation and its p-value stand together or not at all.",
            lambda _: (
                pl.col("morans_i").is_null().ne(pl.col("morans_i_p_value").is_null())
                | pl.col("morans_i").is_null().ne(pl.col("morans_i_expected").is_null())
            ),
        ),
        row_rule(
            "p_value_reachable",
            "A pseudo p-value is at least one over the permutations and one.",
            lambda _: pl.col("morans_i_p_value") < 1 / (pl.col("permutations_count") + 1) - ROUNDING,
        ),
        row_rule(
            "spots_within_townships",
            "Hot and cold spots are among the townships looked at, and there are none without a pattern.",
            lambda _: (
                (pl.col("hot_spots_count") + pl.col("cold_spots_count"))
                > pl.when(pl.col("morans_i").is_not_null()).then(pl.col("townships_count")).otherwise(0)
            ),
        ),
    )
)

_HAS = {name: pl.col(name).is_not_null() for name in ("local_morans_p_value", "getis_ord_p_value")}
HOT_SPOTS = Section(
    (
        RowRule(
            "class_needs_small_p",
            "What is called a cluster or a spot has a p-value within the false-discovery rate.",
            lambda _: {
                "local_cluster": _is("local_cluster", *ALIKE, *UNLIKE)
                & ~(pl.col("local_morans_p_value") <= LEVEL).fill_null(False),
                "hot_spot_class": _is("hot_spot_class", HotSpot.HOT, HotSpot.COLD)
                & ~(pl.col("getis_ord_p_value") <= LEVEL).fill_null(False),
            },
        ),
        RowRule(
            "class_has_its_sign",
            "Alike neighbours have a local I above zero, unlike ones below; a hot spot's z is above zero.",
            lambda _: {
                "local_cluster": (_is("local_cluster", *ALIKE) & (pl.col("local_morans_i") < 0))
                | (_is("local_cluster", *UNLIKE) & (pl.col("local_morans_i") > 0)),
                "hot_spot_class": (_is("hot_spot_class", HotSpot.HOT) & (pl.col("getis_ord_z") <= 0))
                | (_is("hot_spot_class", HotSpot.COLD) & (pl.col("getis_ord_z") >= 0)),
            },
        ),
        row_rule(
            "spot_lies_amid_its_like",
            "A hot spot's neighbours are high by the local Moran's I too, a cold spot's low.",
            lambda _: (
                (_is("hot_spot_class", HotSpot.HOT) & ~_is("local_cluster", *AMID_HIGH))
                | (_is("hot_spot_class", HotSpot.COLD) & ~_is("local_cluster", *AMID_LOW))
            ),
        ),
        RowRule(
            "unknown_is_said",
            "Where nothing can be said both classes are insufficient_data, and no figure stands there.",
            lambda _: {
                name: _is("local_cluster", LocalCluster.INSUFFICIENT_DATA)
                & (present | ~_is("hot_spot_class", HotSpot.INSUFFICIENT_DATA))
                for name, present in _HAS.items()
            },
        ),
    )
)


def spots_counted(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Per method and month the spots in the table beside those of spatial_autocorrelation."""
    found = related(facts, "published.spatial_autocorrelation")
    if found is None:
        return None
    counted = frame.group_by("method", "month").agg(
        _is("hot_spot_class", HotSpot.HOT).sum().alias("hot"), _is("hot_spot_class", HotSpot.COLD).sum().alias("cold")
    )
    stated = found[0].select("method", "month", "hot_spots_count", "cold_spots_count")
    return stated.join(counted, on=["method", "month"], how="full", coalesce=True, validate="1:1").sort(
        "method", "month"
    )


def counts_beside(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Every township and month with its count in published.township_index."""
    found = related(facts, "published.township_index")
    if found is None:
        return None
    counts = found[0].select("method", "month", "adm3_pcode", "clashes_count")
    return frame.join(
        counts, on=["method", "month", "adm3_pcode"], how="left", validate="m:1", maintain_order="left"
    )  # fmt: skip


SPOTS_COUNTED = Section(
    (
        row_rule(
            "spots_add_up",
            "The hot and cold spots of a month are as many as its row in spatial_autocorrelation says.",
            lambda _: (
                pl.col("hot").ne_missing(pl.col("hot_spots_count"))
                | pl.col("cold").ne_missing(pl.col("cold_spots_count"))
            ),
        ),
    ),
    spots_counted,
)
COUNTS_BESIDE = Section(
    (
        row_rule(
            "unknown_count_is_unknown_in_space",
            "A township of unknown count is insufficient_data, never a quiet one.",
            lambda _: (
                pl.col("clashes_count").is_null() & ~_is("hot_spot_class", HotSpot.INSUFFICIENT_DATA).fill_null(False)
            ),
        ),
    ),
    counts_beside,
)


SUITES: dict[str, tuple[Section, ...]] = {
    "published.neighbours": NEIGHBOURS,
    "published.spatial_autocorrelation": (AUTOCORRELATION,),
    "published.hot_spots": (HOT_SPOTS, SPOTS_COUNTED, COUNTS_BESIDE),
}
