"""The current intensity and its scorecard, and the formulas of both."""

from pipeline.declare.intensity import (
    INTENSITY_INTERVAL,
    LOG_OFFSET,
    LONG_HALF_LIFE,
    NEIGHBOURS_HALF_LIFE,
    SHORT_HALF_LIFE,
    TRAINING_LEAST_CLASHES,
    TRAINING_LEAST_MONTHS,
    TRAINING_MONTHS,
)
from pipeline.declare.tables.declaration import Formula, Layer, Sheet, table

_RECORDED = (
    "About clashes that the leading source records and places in a township: what it misses, and what it locates no "
    "closer than a district or a region, is in no figure."
)
CURRENT_INTENSITY = table(
    Layer.PUBLISHED,
    "current_intensity",
    "month and township",
    """month, adm3_pcode, expected_clashes_next_3m, interval_low, interval_high, any_probability,
           four_or_more_probability, rank, rank_low, rank_high""",
    "month, adm3_pcode",
    """expected_clashes_next_3m, interval_low, interval_high, any_probability, four_or_more_probability, rank,
           rank_low, rank_high""",
    township_reference=True,
    caveats=(
        _RECORDED,
        "A memory of clashes cannot foresee an offensive where none was fought: after October 2023 it knew little of "
        "the north-east. See scorecard for what it was worth.",
    ),
    sheet=Sheet(18, "Clashes to expect in the next three months, latest month", latest=True),
    mapped=("expected_clashes_next_3m", "any_probability", "four_or_more_probability"),
)
SCORECARD = table(
    Layer.PUBLISHED,
    "scorecard",
    "origin month, horizon, predictor and metric",
    "month, horizon_months, predictor, metric, value, townships_count",
    "month, horizon_months, predictor, metric",
    "value",
    caveats=(
        _RECORDED,
        "Statements are made again with the records of today, of the months up to theirs alone; the records of a month "
        "were fewer when it had just ended.",
        "Of the log score a lower value is better, of the shares and areas a higher one; coverage is best at 0.9.",
    ),
    sheet=Sheet(19, "What each month's statement was worth, beside statements without a model"),
)

INTENSITY: tuple[Formula, ...] = (
    Formula(
        "Current intensity",
        tuple(f"current_intensity.{column}" for column in CURRENT_INTENSITY.columns[2:7]),
        f"ln of the expected clashes = b0 + b1 ln(own memory of {SHORT_HALF_LIFE.value:.0f} months + c) + b2 ln(own "
        f"memory of {LONG_HALF_LIFE.value:.0f} months + c) + b3 ln(neighbours' memory of "
        f"{NEIGHBOURS_HALF_LIFE.value:.0f} month + c), c = {LOG_OFFSET.value}. A memory is the clashes a month of the "
        "months up to this one, each weighing half as much as the one that many months after it; of the neighbours the "
        "mean. The clashes to come are negative binomial about the expected number with one size for all townships. b "
        "(b1 to b3 not below zero) and the size are fitted each month by maximum likelihood to the newest "
        f"{TRAINING_MONTHS.value:.0f} months of townships whose following three months had ended before the month "
        f"began; at least {TRAINING_LEAST_MONTHS.value:.0f} months with {TRAINING_LEAST_CLASHES.value:.0f} clashes. "
        f"interval_low and interval_high hold at least {INTENSITY_INTERVAL.value:.0%}: what is left out is halved on "
        "both sides, or lies all above where the interval begins at zero.",
        "What was recent, what is usual in a place and what goes on next door foresee more than any count over one "
        "window. A month's own clashes are no part of what its model learnt from, so that one more of them never "
        "lowers what its township is to expect.",
        "Says where recorded clashes are to be expected if the coming months follow the past ones as those of the last "
        "two years did; it knows of no offensive, ceasefire or season. A township whose silence is unknown has no "
        "figure; an unknown neighbour is taken as one of the known ones for the expected number, and at its least and "
        "most for the ends of the interval. The error of the fitted coefficients is left out.",
        "Cameron and Trivedi, Regression Analysis of Count Data, ch. 3; Lawless (1987); Hegre and others (2019), "
        "ViEWS, on forecasts that are published with their evaluation.",
    ),
    Formula(
        "Rank of the current intensity",
        ("current_intensity.rank", "current_intensity.rank_low", "current_intensity.rank_high"),
        "rank is one more than the number of townships that are to expect more. The rates behind the clashes to come "
        "follow gamma distributions about the expected numbers; given a township's rate the number of others above it "
        "is Poisson-binomial, taken as normal, and rank_low and rank_high are the 5 % and 95 % quantiles over its own "
        "rate.",
        "A list in order of expected clashes looks surer than it is.",
        "Townships that expect the same share the best rank, which may lie outside the interval.",
        "Laird and Louis (1989); Hong (2013).",
    ),
    Formula(
        "Scorecard",
        ("scorecard.value", "scorecard.townships_count", "scorecard.horizon_months"),
        "Of each month's statement about the next 3 and the next 6 months, once these are over: log_score, the mean of "
        "-ln of the probability given to what came; interval_coverage, the share of townships inside their 90 % "
        "interval; auc_any and auc_four_or_more, the chance that a township with any clash (four or more) was given a "
        "higher probability of it than one without; top_50_share, the share of the clashes in the fifty townships with "
        "the highest expected number. Beside it the same of four statements without a model: persistence (the coming "
        "months as the last as many), national_mean (all townships alike), cumulative (the rate since the coup), "
        "rolling (the rate of the last 12 months), each but the second a gamma-Poisson over the townships.",
        "A statement about the future is worth what its past ones were, and only if it does better than what anybody "
        "could have said.",
        "A month is one of few, and months that follow each other share most of their outcomes: compare means over "
        "many. Ties share the last of the fifty places. Each statement uses today's records of the months before it.",
        "Gneiting and Raftery (2007), Strictly proper scoring rules; Hanley and McNeil (1982).",
    ),
)
