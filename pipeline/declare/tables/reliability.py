"""What a second source says of the probabilities that the leading one states, and how much each of them finds."""

from pipeline.declare.tables.declaration import Formula, Layer, Sheet, table

_WINDOW = "clash_source, second_source, period_start, period_end"
_OTHERS = (
    "A second source that follows the same news agrees for that reason too; what both miss is in neither.",
    "Counts that others made are as they were delivered: the end of their window may be approximate.",
)

RELIABILITY = table(
    Layer.PUBLISHED,
    "reliability",
    "second source, window and bin of stated P(high)",
    f"{_WINDOW}, probability_bin, townships_count, probability_mean, second_high_count, second_high_share,"
    "calibration_error, cut_count, second_cut_count",
    f"{_WINDOW}, probability_bin",
    caveats=(
        "Empty where neither a second source nor counts of one were delivered; a bin without a township has no row.",
        "Townships that the second source says nothing of are left out.",
        *_OTHERS,
    ),
    sheet=Sheet(17, "Whether a second source calls as many townships high as the probabilities say"),
)
DETECTION = table(
    Layer.PUBLISHED,
    "detection",
    "second source, window and scope",
    f"{_WINDOW}, scope, townships_count, leading_clashes_count, second_clashes_count, detection_ratio",
    f"{_WINDOW}, scope",
    "detection_ratio",
    caveats=(
        "Not a share: a source of all clashes and one of those with deaths alone lie far from 1.",
        "Townships that the second source says nothing of are left out.",
        *_OTHERS,
    ),
    sheet=Sheet(17, "Clashes of the leading source for each one of a second, by state and region"),
)

FORMULAS: tuple[Formula, ...] = (
    Formula(
        title="Reliability of P(high)",
        columns=(
            "reliability.probability_mean",
            "reliability.second_high_share",
            "reliability.calibration_error",
            "reliability.second_cut_count",
            "reliability.second_high_count",
            "reliability.cut_count",
        ),
        formula=(
            "P(high) of the leading source is computed as for township_index, from its clashes of the days and months "
            "that the second record covers, at cut_count, its cut since the coup. second_cut_count is the count at or "
            "above which the second record has as many townships as the first states expected, the sum of P(high) over "
            "the townships that both cover; of two counts equally near the higher. By bins of P(high): their mean, and "
            "the share of their townships that reach second_cut_count. calibration_error is the distance of the two; "
            "of all bins together its mean, each bin weighted by its townships."
        ),
        why=(
            "Two sources count differently, so a cut of one means another in the other: the cut of equal rank asks "
            "both for the same number of townships. What is tested is which townships these are."
        ),
        limits=(
            "How many townships are high is not tested, for the cut is matched to it. Bins of few townships move by "
            "chance: of 10 at one half, the share lies between 0.2 and 0.8. Says nothing of months to come."
        ),
        reference=(
            "Murphy and Winkler (1977) and Brocker and Smith (2007) on reliability tables; Naeini et al. (2015) on the "
            "expected calibration error; Kolen and Brennan (2014), ch. 2, on cuts of equal rank (equipercentile)."
        ),
    ),
    Formula(
        title="Detection by region",
        columns=("detection.detection_ratio", "detection.leading_clashes_count", "detection.second_clashes_count"),
        formula="leading_clashes_count / second_clashes_count over the townships that both cover, in the same days.",
        why=(
            "Where the leading source finds a smaller part of what another finds than elsewhere, the same count stands "
            "for more fighting, and a cut is harder to reach."
        ),
        limits="No clash is matched with another, and the second source is not the truth.",
    ),
)
