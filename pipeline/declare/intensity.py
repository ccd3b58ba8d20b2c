"""What the current intensity and its scorecard are made with: horizons, memories, training months, interval."""

from pipeline.declare.choice import Choice

HORIZONS = (3, 6)  # months ahead; the first one is published as current_intensity, the scorecard looks at both
FOUR = 4  # "four or more": the lowest break of the steps for a source of lethal events
TOP_TOWNSHIPS = 50  # "share of clashes in the top 50"

SHORT_HALF_LIFE = Choice(2, "Two months: what is going on now. Tried on UCDP's release with 1, 3 and 6 (METHOD).")
LONG_HALF_LIFE = Choice(12, "A year: where a conflict has its place, whatever the season.")
NEIGHBOURS_HALF_LIFE = Choice(
    4, "Four months: townships that were quiet and then had a clash are foreseen by their neighbours alone."
)
HISTORY_MONTHS = Choice(
    60, "Five years before the coup: with a half-life of a year the months before weigh one part in 32, and less."
)
LOG_OFFSET = Choice(
    0.02,
    "Half a clash in two years: it stands for none, of which there is no logarithm. From 0.02 to 0.1 the log score on "
    "UCDP's release moves by 0.02.",
)
TRAINING_MONTHS = Choice(
    12,
    "Twelve months of statements and outcomes: one of each season, and no older level of the war than that. On UCDP's "
    "release, January 2022 to June 2023, 24 months score 1.56 and 12 months 1.52; in 2017 to 2019 the two are equal.",
)
TRAINING_LEAST_MONTHS = Choice(
    6, "Half a year of statements with their outcomes; with fewer one month's events decide what the model learns."
)
TRAINING_LEAST_CLASHES = Choice(
    10, "Ten clashes among the outcomes: with fewer four coefficients are not told apart from chance."
)
INTENSITY_INTERVAL = Choice(
    0.9, "Nine in ten: the level of early warning (VIEWS); of ten such intervals about one misses."
)
ROLLING_MONTHS = Choice(12, "The window of the method rolling-12m.")
