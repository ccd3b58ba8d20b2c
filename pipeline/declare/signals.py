"""Choices of the signals: what a township's months are called beside its own past, and how much chance is allowed."""

from pipeline.declare.choice import Choice

ONSET_QUIET_MONTHS = Choice(
    6,
    "Six months: longer than the rainy season (June to October), when fighting pauses every year and then goes on.",
)
LULL_MONTHS = Choice(3, "Three months: one quiet month is common in any township, a quiet quarter is not.")
LULL_YEAR_CLASHES = Choice(
    12,
    "One a month on average: with fewer, three quiet months in a row come by chance more often than one time in "
    "twenty (e^(-12/4) = 0.0498) and say nothing.",
)
ALERT_YEAR_MONTHS = Choice(
    12,
    "Twelve months hold one of each season, and are the shorter of the two spans that HDX Signals compares with.",
)
ALERT_CLASHES = Choice(
    2,
    "A single clash after a quiet year is above its maximum of none, and is told as an onset instead.",
)
ALERT_CHANCE = Choice(
    0.05,
    "One month in twenty of a township whose rate stays that of its year: with counts as low as most townships have, "
    "the chance is far lower, and it stands beside each month.",
)
MONTH_DISPERSION = Choice(
    1.5,
    "Clashes come in clusters. The variance of a township's monthly counts after the national trend is 1.5 times the "
    "mean over the 215 townships with a clash in UCDP, February 2021 to December 2023.",
)
QUARTER_DISPERSION = Choice(
    1.9,
    "The same ratio in the townships with twenty clashes or more, where alone a quarter can differ beyond chance: 1.9 "
    "to 2.0 in UCDP, February 2021 to December 2023 (1.4 at 4 to 19 clashes).",
)
QUARTER_MONTHS = Choice(3, "A quarter: long enough for counts to be told apart, short enough to be of now.")
CONFIRMING_MONTHS = Choice(
    2, "The month of the alert and the two after it: every quarter that holds the month of the alert."
)
