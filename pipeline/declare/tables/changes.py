"""Change from month to month, and the formulas of it."""

from pipeline.declare.tables.declaration import Formula, Layer, Sheet, table

TOWNSHIP_CHANGES = table(
    Layer.PUBLISHED,
    "township_changes",
    "method, month and township",
    """method, month, adm3_pcode, period_end, clashes_month_count, clashes_previous_month_count, change_p_value,
           change_class, is_onset, is_lull, clashes_year_maximum_count, alert_from_count, alert_false_probability,
           alert_p_value, is_alert, alert_confirmed, clashes_3m_count, clashes_before_count, quarter_p_value,
           quarter_change_class, provisional, in_publication_lag""",
    "method, month, adm3_pcode",
    """clashes_month_count, clashes_previous_month_count, change_p_value, is_onset, is_lull,
           clashes_year_maximum_count, alert_from_count, alert_false_probability, alert_p_value, is_alert,
           alert_confirmed, clashes_3m_count, clashes_before_count, quarter_p_value""",
    township_reference=True,
    caveats=(
        "Of the month alone, not of the window; a provisional month is under-reported, so a fall or a lull "
        "in it may not be one.",
    ),
    sheet=Sheet(7, "The latest month beside the month before, all methods", latest=True),
    mapped=(
        "clashes_previous_month_count",
        "change_class",
        "is_alert",
    ),
)
CHANGE_SUMMARY = table(
    Layer.PUBLISHED,
    "change_summary",
    "method, month and scope",
    """method, month, scope, period_end, townships_count, townships_compared_count, rises_count, falls_count,
           changes_by_chance_expected, onsets_count, lulls_count, alerts_count, provisional,
           in_publication_lag""",
    "method, month, scope",
    "rises_count, falls_count, changes_by_chance_expected, onsets_count, lulls_count, alerts_count",
    caveats=(
        "Sums of township_changes. Rises and falls are to be read against those that chance alone would "
        "give; clashes that come in clusters give more of both.",
    ),
    sheet=Sheet(8, "Rises and falls in the country and each state or region, latest month, all methods", latest=True),
)

TIME: tuple[Formula, ...] = (
    Formula(
        "Rise, fall or limited change",
        (
            "township_changes.clashes_month_count",
            "township_changes.clashes_previous_month_count",
            "township_changes.change_p_value",
            "township_changes.change_class",
        ),
        "Given the clashes of this month (n) and of the month before (m), n is binomial with n + m trials and "
        "probability days / (days + days before), if the rate per day did not change. change_p_value is twice the "
        "smaller of P(X <= n) and P(X >= n), at most 1. Below CHANGE_P = 0.05 the month is a rise (more clashes a day "
        "than before) or a fall (fewer), otherwise limited_change. Where either month has no count, or there is no "
        "month before, it is no_comparison.",
        "Months differ in length and the last one may be cut, so clashes are compared by the day. Twice the smaller "
        "tail keeps rises and falls at half the level each. Two equal months need at least six clashes between them "
        "before anything can be called a change: 5 after 0 is limited change.",
        "Clashes come in clusters, so more rises and falls than the expected number come without a lasting change. "
        "One month is held against the one before it alone: a slow rise over a year is limited change all along. "
        "A provisional month is under-reported, so a fall in it may not be one.",
        "Przyborowski and Wilenski 1940; Lehmann and Romano, Testing Statistical Hypotheses, 4.5. CrisisWatch calls "
        "a month deteriorated, improved or unchanged by judgement; here the rule is arithmetic.",
    ),
    Formula(
        "Changes to expect by chance",
        (
            "change_summary.rises_count",
            "change_summary.falls_count",
            "change_summary.changes_by_chance_expected",
            "change_summary.townships_compared_count",
        ),
        "For each township the probability, with n + m and the days as they are and no change of rate, that the test "
        "calls a rise or a fall; changes_by_chance_expected is their sum over the townships compared.",
        "330 comparisons a month at the level of 0.05 could give up to 16.5 changes that are none. Exact tests of "
        "small counts give far fewer, and how many is stated beside the rises and falls found.",
        "Of single townships it says nothing: any one of them may be the one that changed by chance.",
    ),
    Formula(
        "Onset",
        ("township_changes.is_onset", "change_summary.onsets_count"),
        "At least one clash in the month and none in any of the ONSET_QUIET_MONTHS = 6 months before, all of them "
        "known. Unknown where one of them is unknown and none of the known ones has a clash, as in the first months.",
        "Six months are longer than the rainy season, when fighting pauses every year and then goes on.",
        "One clash makes an onset; it may stay the only one. Months before the window began are not known.",
    ),
    Formula(
        "Lull",
        ("township_changes.is_lull", "change_summary.lulls_count"),
        "No clash in the newest LULL_MONTHS = 3 whole months, and at least LULL_YEAR_CLASHES = 12 in the twelve months "
        "before these. A cut month is not one of the three; it goes on with the lull of the month before.",
        "With a mean of one clash a month, three quiet months come by chance one time in twenty (e^-3 = 0.0498); with "
        "fewer they are common and say nothing.",
        "A township with fewer than twelve clashes in that year is never in a lull, however quiet it is. No fighting "
        "is not the same as peace, nor as control.",
    ),
    Formula(
        "Alert",
        (
            "township_changes.clashes_year_maximum_count",
            "township_changes.alert_from_count",
            "township_changes.alert_false_probability",
            "township_changes.alert_p_value",
            "township_changes.is_alert",
            "change_summary.alerts_count",
            "national_summary.alerts_false_expected",
            "region_summary.alerts_false_expected",
        ),
        "Clashes of the month at or above alert_from_count: above the highest count of any of the ALERT_YEAR_MONTHS = "
        "12 months before, at least ALERT_CLASHES = 2, and so many that at the rate of these twelve months they come "
        "with a chance of at most ALERT_CHANCE = 0.05. With S clashes in a year of D days a month of d days is "
        "negative binomial with mean (S + 1/2) d / D and MONTH_DISPERSION = 1.5 times (1 + d / D) the mean as "
        "variance. alert_false_probability is the chance of alert_from_count or more, told before the month is seen, "
        "and alert_p_value that of the clashes seen or more. alerts_false_expected is the sum of the chances over the "
        "townships. Unknown with fewer than twelve known months.",
        "A township is held against its own past, not against others. The half clash and the factor (1 + d / D) are "
        "for the rate of one year, which is itself uncertain; the dispersion is for clashes that come in clusters. A "
        "single clash after a quiet year is an onset.",
        "The chances hold if rates stay: where fighting grows in the whole country more alerts come, and rightly so. "
        "On UCDP's records of 2022 and 2023 two in three alerts had a quarter above the year's behind them. A cut "
        "month is compared by its days.",
        "HDX Signals (OCHA) asks in the same way for the highest figure of a year above a floor; the predictive "
        "distribution is the textbook one of a gamma-Poisson model with Jeffreys' prior, widened.",
    ),
    Formula(
        "Change of a quarter",
        (
            "township_changes.clashes_3m_count",
            "township_changes.clashes_before_count",
            "township_changes.quarter_p_value",
            "township_changes.quarter_change_class",
            "township_changes.alert_confirmed",
        ),
        "QUARTER_MONTHS = 3: the clashes of the month and the two "
        "before it (n) against those of the twelve months before these (m). At "
        "one rate n has the mean w (n + m), w being the quarter's share of the days, and QUARTER_DISPERSION = 1.9 "
        "times the variance of a binomial. quarter_p_value is the normal tail of (|n - w (n + m)| - 1/2) over the "
        "standard deviation, in the direction seen. Under a false discovery rate of 5 % over the townships of the "
        "month (Benjamini and Hochberg), for rises and for falls apart, it is a rise or a fall, otherwise "
        "limited_change. alert_confirmed: an alert that such a rise follows in its month "
        "or one of the CONFIRMING_MONTHS = 2 after it.",
        "One month is too short to be told from another: the month test sees no rise in Shan State during Operation "
        "1027. A quarter against a year is slower than an alert and seldom wrong: of the rises called by UCDP from "
        "April 2022 to September 2023 all 14 were still above the year a quarter later; without the dispersion 80, of "
        "which 78 %; of all townships 47 % are.",
        "Falls are seldom called, since a quarter without a clash is no surprise after a year with few. Townships are "
        "tested as if they were independent. alert_confirmed is told up to two months after the row's month.",
        "McCullagh and Nelder 1989, 4.5 (overdispersion); Benjamini and Hochberg 1995.",
    ),
    Formula(
        "Signal",
        (
            "township_index.signal",
            "township_index.clashes_3m_count",
            "township_index.clashes_12m_count",
            *(
                f"{scope}_summary.signal_{signal}_count"
                for scope in ("national", "region")
                for signal in ("alert", "rise", "onset", "fall", "lull", "none", "unknown")
            ),
        ),
        "The first that holds: alert, rise (of the quarter), onset, fall (of the quarter), lull. none where all are "
        "known and none holds. unknown where one of them is not known, and where there was no clash in twelve months "
        "and no record of another kind reports from the township either.",
        "One word a township and month, the quickest first. Silence is not a signal of calm: it stands apart.",
        "Months before the coup are part of a township's past where the source holds them.",
    ),
)
