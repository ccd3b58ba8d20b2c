"""What the current intensity and its scorecard are made with: horizons, memories, training months, interval."""

from pipeline.declare.choice import Choice

HORIZONS = (3, 6)  # months ahead; the first one is published as current_intensity, the scorecard looks at both
FOUR = 4  # "four or more": the lowest break of the steps for a source of lethal events
TOP_TOWNSHIPS = 50  # "share of clashes in the top 50"

# The six numbers that follow were chosen on months whose statements no scorecard shows: the lowest mean log score of
# three and six months ahead over the origins January 2012 to December 2016 of UCDP's release, one number at a time
# until none moved. 2017 to 2019 and the months since the coup had no part in it; `benchmarks/intensity.py` repeats it.
_CHOSEN_ON = "Of {tried} the best log score over the origins of 2012 to 2016, which no scorecard shows."
SHORT_HALF_LIFE = Choice(
    3,
    f"Three months: what is going on now. {_CHOSEN_ON.format(tried='1, 2, 3, 4 and 6')} All five lie within a fifth of "
    "a percent.",
)
LONG_HALF_LIFE = Choice(
    36,
    "Three years: where a conflict has its place, whatever the season. "
    f"{_CHOSEN_ON.format(tried='6, 12, 24 and 36')} 60 months are no further from it than a fifth of a percent.",
)
NEIGHBOURS_HALF_LIFE = Choice(
    1,
    "One month: townships that were quiet and then had a clash are foreseen by their neighbours alone, and soon. "
    f"{_CHOSEN_ON.format(tried='1, 2, 4, 8, 12 and 24')}",
)
HISTORY_MONTHS = Choice(
    60,
    "Five years before the coup. "
    f"{_CHOSEN_ON.format(tried='24, 60 and 120')} 120 months lie within a fifth of a percent.",
)
LOG_OFFSET = Choice(
    0.005,
    "A clash in two hundred months: it stands for none, of which there is no logarithm. "
    f"{_CHOSEN_ON.format(tried='0.005, 0.01, 0.02, 0.05 and 0.1')} 0.002 and 0.001 lie within a fifth of a percent.",
)
TRAINING_MONTHS = Choice(
    24,
    f"Twenty-four months of statements and outcomes: two of each season. {_CHOSEN_ON.format(tried='6, 12, 24 and 36')}",
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
