"""Rates, neighbours and the statistics over them, and the formulas of these."""

from pipeline.declare.methods import (
    FALSE_DISCOVERY_RATE,
    GLOBAL_PERMUTATIONS,
    LOCAL_PERMUTATIONS,
    NEIGHBOUR_TOLERANCE_M,
    SPATIAL_MINIMUM_TOWNSHIPS,
)
from pipeline.declare.tables.declaration import (
    CUMULATIVE,
    Formula,
    Layer,
    Sheet,
    table,
)

TOWNSHIP_RATES = table(
    Layer.PUBLISHED,
    "township_rates",
    "method, month and township",
    """method, month, adm3_pcode, clashes_per_1000_km2, clashes_per_1000_km2_smoothed,
           clashes_per_100000_persons, clashes_per_100000_persons_smoothed, fatalities_per_100000_persons,
           idps_per_100000_persons""",
    "method, month, adm3_pcode",
    """clashes_per_1000_km2, clashes_per_1000_km2_smoothed, clashes_per_100000_persons,
           clashes_per_100000_persons_smoothed, fatalities_per_100000_persons, idps_per_100000_persons""",
    township_reference=True,
    caveats=(
        CUMULATIVE,
        "A smoothed rate stands beside the raw one, never instead of it.",
        "Population figures date from before much of the displacement.",
    ),
    sheet=Sheet(6, "Rates by area and people, raw and smoothed, latest month, all methods", latest=True),
    mapped=(
        "clashes_per_1000_km2",
        "clashes_per_100000_persons_smoothed",
    ),
)
NEIGHBOURS = table(
    Layer.PUBLISHED,
    "neighbours",
    "township and neighbour",
    "adm3_pcode, neighbour_pcode, neighbour_basis",
    "adm3_pcode, neighbour_pcode",
    township_reference=True,
    caveats=("From the release's polygons; one without a shared border has its nearest township, both ways.",),
    sheet=Sheet(15, "Which townships are neighbours"),
)
SPATIAL_AUTOCORRELATION = table(
    Layer.PUBLISHED,
    "spatial_autocorrelation",
    "method and month",
    """method, month, townships_count, morans_i, morans_i_expected, morans_i_p_value, permutations_count,
           local_permutations_count, hot_spots_count, cold_spots_count""",
    "method, month",
    "morans_i, morans_i_expected, morans_i_p_value",
    caveats=(
        "A pseudo p-value is never below 1 / (permutations + 1), two-sided 2 / (permutations + 1).",
        "townships_count are those with a known count and a neighbour with one.",
    ),
    sheet=Sheet(10, "Whether clashes cluster, by month, all methods"),
)
HOT_SPOTS = table(
    Layer.PUBLISHED,
    "hot_spots",
    "method, month and township",
    """method, month, adm3_pcode, local_morans_i, local_morans_p_value, local_cluster, getis_ord_z,
           getis_ord_p_value, hot_spot_class""",
    "method, month, adm3_pcode",
    "local_morans_i, local_morans_p_value, getis_ord_z, getis_ord_p_value",
    township_reference=True,
    caveats=(
        "A hot spot is a township that with its neighbours holds more clashes than chance would put "
        "together; it need not be of class high itself.",
        "A quiet place in the statistics is one where the source reports nothing, not one that is safe.",
    ),
    sheet=Sheet(9, "Hot and cold spots of clashes, latest month, all methods", latest=True),
    mapped=(
        "hot_spot_class",
        "getis_ord_z",
    ),
)

RATES: tuple[Formula, ...] = (
    Formula(
        "Clashes by area and by population",
        ("township_rates.clashes_per_1000_km2", "township_rates.clashes_per_100000_persons"),
        "1,000 x clashes in the window / area in km2; 100,000 x clashes in the window / population.",
        "Townships run from 0.6 to 12,340 km2: beside the count stands how dense the fighting is.",
        "Areas are the reference list's, whatever boundary file is delivered. A few clashes in a town of a few km2 "
        "give a very high rate by area; the smoothed rate only partly mends that. Population figures are from before "
        "much of the displacement. A window of several years is not turned into a rate per year.",
    ),
    Formula(
        "Empirical-Bayes smoothed rates",
        ("township_rates.clashes_per_1000_km2_smoothed", "township_rates.clashes_per_100000_persons_smoothed"),
        "With counts n and exposures e (area or population) of the townships of the month that have both: "
        "m = sum(n) / sum(e); s2 = sum(e (n/e - m)^2) / sum(e); A = max(0, s2 - m / mean(e)); "
        "C = A / (A + m / e); smoothed = m + C (n/e - m), times 1,000 or 100,000. With A = 0 every township has the "
        "rate of all; without any clash all are zero.",
        "The rate of a small township rests on few clashes and jumps with each of them: it is drawn towards the rate "
        "of all, the more the smaller its exposure. The raw rate stands beside it.",
        "Moments, not a full model: the spread is taken as known, and all townships are drawn towards one national "
        "rate, whatever their neighbours are. Where a source's silence means unknown, only townships with a clash "
        "are in the national rate, which is then too high.",
        "Marshall (1991), Applied Statistics 40(2): 283-294, global estimator",
    ),
    Formula(
        "Deaths and displaced people by population",
        ("township_rates.fatalities_per_100000_persons", "township_rates.idps_per_100000_persons"),
        "100,000 x deaths in the clashes counted, or displaced people as published, / population.",
        "Beside the counts, what they are to a township's people.",
        "Displaced people are taken as shown: rounded to ten, and missing where 1 to 9 are withheld. Not smoothed: one "
        "clash can kill many and one attack displaces thousands, so the counts are no Poisson draws.",
    ),
)


SPACE: tuple[Formula, ...] = (
    Formula(
        "Neighbours",
        ("neighbours.neighbour_pcode", "neighbours.neighbour_basis"),
        f"Two townships are neighbours where their polygons come within {NEIGHBOUR_TOLERANCE_M.value:g} m of each "
        "other anywhere, a corner included (queen contiguity), on an equal-area projection. A township without any is "
        "joined both ways to the township whose edge lies nearest.",
        NEIGHBOUR_TOLERANCE_M.why,
        "From the polygons of the release: with schematic shapes some pairs differ from the real ones. A border that "
        "nobody can cross counts like any other, and townships abroad are not there.",
    ),
    Formula(
        "Global Moran's I",
        (
            "spatial_autocorrelation.morans_i",
            "spatial_autocorrelation.morans_i_expected",
            "spatial_autocorrelation.morans_i_p_value",
            "spatial_autocorrelation.permutations_count",
            "spatial_autocorrelation.townships_count",
        ),
        "With y = ln(1 + clashes in the window), z = y - mean(y) and weights w of 1 / (number of neighbours): "
        "I = sum_ij w_ij z_i z_j / sum_i z_i^2; expected without pattern: -1 / (n - 1). p-value, one-sided: "
        f"(1 + shuffles with I at least as high) / (1 + shuffles), {GLOBAL_PERMUTATIONS.value:,.0f} shuffles of the "
        "counts over the townships, with a fixed seed.",
        "Whether fighting clusters at all, in one number per month. Logarithms, so that a few townships with very many "
        "clashes do not make the result.",
        "Every set of records that is better where it is worse elsewhere makes a pattern of its own. Townships of "
        "unknown count are left out with their links, and one that has no neighbour left with them; with fewer than "
        f"{SPATIAL_MINIMUM_TOWNSHIPS.value:g} nothing is said. Where the counts do not vary there is no figure.",
        "Moran (1950); Cliff and Ord (1981)",
    ),
    Formula(
        "Local Moran's I and clusters",
        (
            "hot_spots.local_morans_i",
            "hot_spots.local_morans_p_value",
            "hot_spots.local_cluster",
            "spatial_autocorrelation.local_permutations_count",
        ),
        "I_i = (n - 1) z_i x (mean of the neighbours' z) / sum_j z_j^2. p-value, two-sided: the township's own count "
        "stays, and its neighbours are drawn at random from all others, "
        f"{LOCAL_PERMUTATIONS.value:,.0f} times with a fixed seed; 2 (1 + draws in the smaller tail, ties counted) / "
        "(1 + draws), at most 1. The cluster is the quadrant (own count above the mean or not, neighbours' mean above "
        "it or not) where the p-value holds under a false-discovery rate of "
        f"{FALSE_DISCOVERY_RATE.value:.0%} over the townships of the month (Benjamini-Hochberg), else not_significant.",
        LOCAL_PERMUTATIONS.why + " " + FALSE_DISCOVERY_RATE.why,
        "A pseudo p-value carries the noise of its draws: a township close to the limit could fall on either side with "
        "another seed. Tests of neighbouring townships share counts; Benjamini-Hochberg holds where they rise "
        "together, which is not proven for two-sided tests. Under any dependence (Benjamini-Yekutieli) 20 of the "
        "31 hot spots and none of the 7 cold ones would hold, cumulative to 26 November 2023 on UCDP's release: cold "
        "spots are the less sure. Each p-value is against counts put at random over the map, which where Moran's I is "
        "high is nobody's expectation. Months of a cumulative window repeat most of their counts and are no "
        "independent findings.",
        "Anselin (1995); Benjamini and Hochberg (1995); Benjamini and Yekutieli (2001)",
    ),
    Formula(
        "Getis-Ord Gi* and hot spots",
        (
            "hot_spots.getis_ord_z",
            "hot_spots.getis_ord_p_value",
            "hot_spots.hot_spot_class",
            "spatial_autocorrelation.hot_spots_count",
            "spatial_autocorrelation.cold_spots_count",
        ),
        "With k townships in the neighbourhood, the township itself among them: z = (sum of their y - k mean(y)) / "
        "(s sqrt((n k - k^2) / (n - 1))), s the standard deviation of all y with divisor n. The p-value is that of the "
        "local Moran's I: with the township's own count held, both statistics rise or fall with the neighbours' sum "
        "and nothing else, so one test serves both. Hot: significant under the false-discovery rate, neighbours "
        "unusually high, and z above zero; cold: neighbours unusually low, and z below zero; else none.",
        "Where fighting is concentrated beyond what chance would put side by side. z counts the township itself, the "
        "p-value does not: one heavy township amid quiet ones is no hot spot.",
        "A hot spot says where counts are high together, not why, and not that a township of class high elsewhere is "
        "calmer. A cold spot is where the source reports little, which is not the same as peace.",
        "Getis and Ord (1992); Ord and Getis (1995)",
    ),
)
