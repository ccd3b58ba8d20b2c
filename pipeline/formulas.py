"""Every formula and rule of the published figures in words, once: what the methods page is made from.

The modules that compute them stand in `pipeline.indices`; thresholds and their reasons in `pipeline.methods`, and
their values are shown beside. Not here: what a column means (columns.py).
"""

from dataclasses import dataclass

from pipeline.methods import (
    EVIDENCE_EXACT_SHARE,
    EVIDENCE_RECENT_DAYS,
    EVIDENCE_SOURCES,
    EVIDENCE_UNALLOCATED_MOST_SHARE,
    FALSE_DISCOVERY_RATE,
    GLOBAL_PERMUTATIONS,
    GRADE_RULE,
    INTERVAL_STEPS,
    ISP_2023,
    LOCAL_PERMUTATIONS,
    NEIGHBOUR_TOLERANCE_M,
    SPATIAL_MINIMUM_TOWNSHIPS,
)
from pipeline.tables import TABLES


@dataclass(frozen=True)
class Formula:
    """How some published columns are computed, why so, what it cannot say, and where it comes from."""

    title: str
    columns: tuple[str, ...]  # "table.column" of the published layer
    formula: str
    why: str
    limits: str = ""
    reference: str = ""


_SECURITY: tuple[Formula, ...] = (
    Formula(
        title="Clashes and their class",
        columns=(
            "township_index.clashes_count",
            "township_index.clashes_month_count",
            "township_index.in_conflict",
            "township_index.security_class",
        ),
        formula=(
            "clashes_count adds the clashes of the leading source that are placed in the township, by their first"
            " day, from period_start to period_end. not_in_conflict at 0 clashes; high at or above the cut of the"
            " source (security_high); low between. insufficient_data where the source does not cover the "
            "township: no source was delivered, or its silence means unknown and it reports none."
        ),
        why=(
            "A township counts clashes only where the source locates them at township level or better: a point "
            "that stands for a district, a region or the country would fall into whatever township lies under it."
        ),
        limits=(
            "Counts are floors: what no source reports is not in them. A cut holds for one source family and does"
            " not carry over to another. A cumulative count never falls."
        ),
        reference=("ISP-Myanmar, OnPoint 19 (December 2023), names the index and its classes and publishes no cut."),
    ),
    Formula(
        title="Security score",
        columns=("township_index.security_score",),
        formula=(
            "100 x ln(1 + clashes_count) / ln(1 + G), at most 100, with the fixed goalpost G of the method and "
            "source (security_goalpost)."
        ),
        why=(
            "Counts are skewed: the log scale tells 2 from 20 as well as 20 from 200. A goalpost that never moves"
            " keeps months and editions comparable, where min-max scaling would move every earlier score with "
            "each new maximum."
        ),
        limits=("The class is a cut on the count and never on the score."),
        reference=("OECD and JRC, Handbook on Constructing Composite Indicators (2008), on normalisation."),
    ),
)
_HUMANITARIAN: tuple[Formula, ...] = (
    Formula(
        title="Which figure stands",
        columns=(
            "township_index.idps_persons",
            "township_index.idps_basis",
            "township_index.idps_reference_date",
        ),
        formula=(
            "The newest report dated by period_end and at most displacement_stale_days "
            f"({ISP_2023.displacement_stale_days.value:.0f}) days old. A figure of new displacement since the coup"
            " goes before a figure of stock, even a newer one; they are never added. A report that names the "
            "township itself goes before one that reached it from a retired code. A source whose silence means "
            "zero gives 0 for townships it does not list; a blank figure stays missing."
        ),
        why=(
            "The index is about new displacement, which stock holds besides older displacement: adding them would"
            " count people twice. Of two dates the later says more of the month, until it is too old to say "
            "anything."
        ),
        limits=(
            "A newer stock figure is passed over where an older figure of new displacement is in force; "
            "idps_basis and idps_reference_date say which one stands."
        ),
    ),
    Formula(
        title="Rounding and withholding",
        columns=(
            "township_index.idps_persons",
            "township_index.idps_suppressed",
            "national_summary.idps_persons",
            "region_summary.idps_persons",
        ),
        formula=(
            "Figures are rounded to ten; 1 to 9 are withheld and marked in idps_suppressed. Totals add the "
            "figures as shown."
        ),
        why=("A small group of people must not be found from a table, nor by taking one table from another."),
        limits=(
            "A total differs from the sum of the exact figures by up to five people for each township that "
            "reports, and by up to nine for each that is withheld."
        ),
    ),
    Formula(
        title="Humanitarian class and score",
        columns=(
            "township_index.humanitarian_class",
            "township_index.humanitarian_score",
        ),
        formula=(
            f"Inside conflict: high at {ISP_2023.idps_high.value:,.0f} displaced people or more (idps_high), low "
            "from 1, no_new_idps where a report counts none, insufficient_data without a report in force. Outside"
            " conflict there is no class. The class is cut on the exact figure. Score: 100 x ln(1 + idps_persons)"
            f" / ln(1 + {ISP_2023.idps_goalpost.value:,.0f}), at most 100, made from the figure as shown."
        ),
        why=(
            "A township nobody reports on is not one without displaced people. A score from the exact figure "
            "would give that figure back."
        ),
        limits=(
            "Of a withheld figure there is no score. Near the cut the class may rest on a figure that is rounded "
            "to the other side of it."
        ),
    ),
)
_SERVICES: tuple[Formula, ...] = (
    Formula(
        title="Loss of services and its bounds",
        columns=(
            "township_index.services_lost_score",
            "township_index.services_lost_min",
            "township_index.services_lost_max",
            "township_index.services_score",
            "township_index.services_known_count",
        ),
        formula=(
            "Five items (police station, GAD office, electricity, water supply, salaries), each lost 0 (yes), 1/2"
            " (partial) or 1 (no). services_lost_score is the mean over the known items, and services_score 100 "
            "times that. services_lost_min puts every unknown item at 0 and services_lost_max at 1, both divided "
            "by five. The newest survey in force counts, at most services_stale_days "
            f"({ISP_2023.services_stale_days.value:.0f}) days old; without one the bounds are 0 and 1."
        ),
        why=(
            "The worst places do not report, so an unknown item is never filled in from others; the bounds say "
            "what it could change."
        ),
        limits=("The five items weigh the same; nobody has published weights."),
    ),
    Formula(
        title="Services class and its bounds",
        columns=(
            "township_index.services_class",
            "township_index.services_class_best",
            "township_index.services_class_worst",
            "national_summary.services_severe_low",
            "national_summary.services_severe_high",
            "region_summary.services_severe_low",
            "region_summary.services_severe_high",
        ),
        formula=(
            f"Inside conflict: severe where services_lost_min is at least {ISP_2023.services_severe.value} "
            "(services_severe), lower where services_lost_max is below it: certain whatever is missing. Otherwise"
            f" by services_lost_score where at least {ISP_2023.services_known_minimum.value:.0f} items are known "
            "(services_known_minimum), else insufficient_data. services_class_best is the class at "
            "services_lost_min and services_class_worst that at services_lost_max. services_severe_low counts the"
            " townships in conflict that are severe at best, services_severe_high those that are severe at worst."
        ),
        why=(
            "The best and the worst class hold the class between them; where all items are known all three are "
            "one. Taking a known item away never brings the bounds closer together."
        ),
        limits=(
            "A township in conflict without a survey runs from lower to severe. Townships of which it is unknown "
            "whether they are in conflict are in neither bound."
        ),
    ),
)
_UNCERTAINTY: tuple[Formula, ...] = (
    Formula(
        title="Probability of class high",
        columns=("township_index.security_high_probability",),
        formula=(
            "Township rates follow Gamma(a, b), fitted each month to the counts of all townships by maximum "
            "likelihood: b = a / mean, and a solves mean(digamma(a + n) - digamma(a)) + ln(a / (a + mean)) = 0, "
            "at most 1. Given its count n a township's rate is Gamma(a + n, b + 1), and P(high) is the "
            "probability that this rate is at least the cut less 1/2."
        ),
        why=(
            "A count of clashes is one draw of what the place's level of fighting makes likely; a township at the"
            " cut is about as likely below it. The gamma-Poisson (negative binomial) explains the many zeros "
            "without a class of its own for them. The half is the continuity correction: counts are whole "
            "numbers. A shape above 1 would draw every township so far to the mean that one more clash elsewhere "
            "could undo its own."
        ),
        limits=(
            "Says nothing of what the source missed or misplaced: only how far the count would vary by chance. "
            "Clashes that come in runs vary more than a Poisson. Neighbouring townships are taken as independent "
            "given the prior, and the error of the fitted prior is left out."
        ),
        reference=(
            "Simonsen (1976); Johnson, Kemp and Kotz, Univariate Discrete Distributions, ch. 5; Clayton and "
            "Kaldor (1987)."
        ),
    ),
    Formula(
        title="Interval of the rank",
        columns=(
            "township_index.security_rank",
            "township_index.security_rank_low",
            "township_index.security_rank_high",
        ),
        formula=(
            "security_rank is one more than the number of townships with more clashes. security_rank_low and "
            "security_rank_high are the 2.5 % and 97.5 % quantiles of the rank of the township's rate: given a "
            "rate x the number of other townships above it is Poisson-binomial with P(rate_j > x), and these are "
            "mixed over the township's own posterior of x. Summed from characteristic functions over cells of x, "
            "not drawn."
        ),
        why=(
            "A list in order of clashes looks surer than it is. The ends are the same for townships of equal "
            "count and in every run."
        ),
        limits=(
            "Among many townships of equal count (such as none) each may be the first or the last, so the best "
            "rank that they share may lie outside the interval. Only townships whose count is known are ranked."
        ),
        reference=(
            "Laird and Louis (1989) on ranks from posterior distributions; Hong (2013) on the Poisson-binomial."
        ),
    ),
    Formula(
        title="Interval of the share and the number lost",
        columns=(
            "national_summary.security_high_expected",
            "national_summary.security_high_low",
            "national_summary.security_high_high",
            "region_summary.security_high_expected",
            "region_summary.security_high_low",
            "region_summary.security_high_high",
            "territorial_control.lost_expected_share",
            "territorial_control.lost_interval_low",
            "territorial_control.lost_interval_high",
        ),
        formula=(
            "security_high_expected is the sum of security_high_probability, and lost_expected_share the same sum"
            " weighted by townships, area or people over the total. Whether each township's rate is at or above "
            "the cut is independent of the others given the counts, so the weighted sum's distribution is the "
            "convolution of theirs; the ends are its 2.5 % and 97.5 % quantiles. Numbers of townships are exact; "
            f"area and people are added up in {INTERVAL_STEPS.value:.0f} steps of their total. A township of "
            "unknown count is not lost at the low end and lost at the high end, as in lost_low and lost_high, and"
            " is not in the expected share."
        ),
        why=(
            "The class cuts each count once; the interval says between which ends the share of townships above "
            "the cut lies when each count could have come out otherwise by chance. It is a statement on the "
            "underlying rates and need not be centred on the share of class high."
        ),
        limits=(
            "On the Security Index only: the other two bases rest on reports, of which no error is known. It "
            "leaves out the choice of the cut, which moves the share more (see the scenarios), and what the "
            "source missed."
        ),
        reference=("Hong (2013), On computing the distribution function for the Poisson binomial distribution."),
    ),
)
_CONTROL: tuple[Formula, ...] = (
    Formula(
        title="State of a township on each basis",
        columns=(
            "township_index.control_by_security",
            "township_index.control_by_administration",
            "township_index.control_by_observation",
        ),
        formula=(
            "By the Security Index: class high is lost, insufficient_data unknown, every other class held; it "
            "knows nothing contested. By administration: police station and GAD office both closed is lost, both "
            "open held; a partly open office, or one closed and one open, contested; else unknown. By "
            f"observation: a control record in force (at most {ISP_2023.control_stale_days.value:.0f} days old) "
            "that names the resistance or another armed organisation is lost to the state, contested contested, "
            "the state held; without one unknown."
        ),
        why=(
            "The three say different things: no fighting is not the same as control, as in areas under ceasefire."
            " They are never merged. A partly open office with the other unknown is contested for certain: "
            "whatever the other is, they are neither both closed nor both open."
        ),
        limits=("The published share of 'effective control lost' is the first basis, and a share of townships."),
        reference=("ISP-Myanmar, OnPoint 19 (December 2023)."),
    ),
    Formula(
        title="Share of territory lost",
        columns=(
            "territorial_control.lost_share",
            "territorial_control.contested_share",
            "territorial_control.held_share",
            "territorial_control.unknown_share",
            "territorial_control.lost_low",
            "territorial_control.lost_high",
            "territorial_control.lost_value",
            "territorial_control.known_value",
            "territorial_control.total_value",
        ),
        formula=(
            "Each share is the townships, km2 or people of that state over all of the scope; the four add up to "
            "one. lost_low counts what is known to be lost; lost_high adds the unknown townships that may be: "
            "all, but on the administration basis not those where one office is known to be open, since the two "
            "cannot both be closed."
        ),
        why=(
            "An unknown township is neither lost nor held, and the width between the bounds shows how much is unknown."
        ),
        limits=(
            "Where nothing is known the shares are missing and not zero. A scope with a township without a "
            "population figure has no share of people."
        ),
    ),
    Formula(
        title="How the bases disagree",
        columns=(
            "control_disagreement.townships_count",
            "control_disagreement.area_km2",
            "control_disagreement.population_persons",
        ),
        formula=(
            "For each pair of bases every township stands in one of the 16 pairs of states; townships, area and "
            "people are added up."
        ),
        why=(
            "Where two bases differ, a single share of control lost would hide it. Added up over the other basis,"
            " the townships of a state are those of territorial_control."
        ),
        limits=("A pair of states with a township without a population figure has no population."),
    ),
)
_EVIDENCE: tuple[Formula, ...] = (
    Formula(
        "Evidence grade",
        (
            "township_index.evidence_grade",
            "township_index.evidence_points_count",
            *(f"{scope}_summary.evidence_{grade}_count" for scope in ("national", "region") for grade in "abcd"),
        ),
        GRADE_RULE,
        "Four things make evidence weak: places that are not exact, one source alone, silence, and age. Each has its "
        f"points; nothing is weighted. {EVIDENCE_EXACT_SHARE.why} {EVIDENCE_UNALLOCATED_MOST_SHARE.why} "
        f"{EVIDENCE_SOURCES.why} {EVIDENCE_RECENT_DAYS.why}",
        "A grade says how much stands behind a row, not whether its class is right: that is the class probability. "
        "Reports of one kind count alike, however good they are. A quiet township without any report is D unless "
        "another record stands behind it.",
        "After the reliability of the INFORM Severity Index (Poljansek et al. 2020, EUR 30400) and the evidence levels "
        "of the IPC Technical Manual 3.1; the rule and its cuts are this project's own.",
    ),
    Formula(
        "Exactly located share",
        ("township_index.exact_share",),
        "Clashes counted in the window that the source locates exactly, divided by all clashes counted there.",
        "A clash named for a township, or near a point, lies in the township by all likelihood, not for certain; the "
        "share of events at township level or better is 1 wherever only those count, and tells nothing apart.",
        "Exact is what the source calls so (UCDP where_prec 1, ACLED geo_precision 1, or stated in the file).",
    ),
    Formula(
        "Reporting coverage",
        ("township_index.reporting_share", "national_summary.reporting_share", "region_summary.reporting_share"),
        "Of four kinds of record, the share with a usable one in force: clashes where it is known whether the township "
        "is in conflict; a displacement figure; a survey with at least the method's minimum of known service items; a "
        "control record that names a controller. A summary has the mean over its townships.",
        "A class can only rest on what was reported; where few report, an index describes the reporting.",
        "How long a record is in force is a choice of the method, and differs by kind.",
    ),
    Formula(
        "Age of the data",
        ("township_index.data_age_days",),
        "Days from the newest of: the last clash counted, and the displacement, services and control records in force; "
        "to the end of the period.",
        "One day for the whole row, so that rows can be sorted by it.",
        "The other records of the row may be much older. A source's silence has no age.",
    ),
    Formula(
        "Nearest other class: security",
        ("explanations.nearest_class", "explanations.distance"),
        "For every other class, how many clashes more or fewer would give it: not in conflict at 0, low from 1, high "
        "from the cut of the method and source. The nearest is the one with the smallest number; of two equally near, "
        "the higher. Below zero the count would have to fall.",
        "A township one clash from another class is not to be planned for like one that is fifty away.",
        "A cumulative count falls only where the source corrects or deletes records. How likely the change is, the "
        "distance does not say.",
    ),
    Formula(
        "Nearest other class: displacement",
        ("explanations.value", "explanations.nearest_class", "explanations.distance"),
        "As for clashes, with no new IDPs at 0, low from 1 and high from the method's cut, from the figure as shown: "
        "rounded to ten, and so is the distance. Where 1 to 9 people are "
        "withheld there is no distance. Outside conflict: the class that the figure shown would have after a first "
        "clash.",
        "Made from what is published, so that no withheld or exact figure can be had back from it.",
        "Where the figure shown stands at the cut by rounding, the distance is 0: fewer than ten people.",
    ),
    Formula(
        "Nearest other class: services",
        ("explanations.nearest_class", "explanations.distance"),
        "Each known item may move by halves between in place (0), partial (0.5) and lost (1). Every sum that the known "
        "items can have is classed by the method's rule, and the nearest sum of another class gives the distance in "
        "items of five. Without a class, the distance is how many more items must be known until every answer gives "
        "one, and the nearest class stands where all answers give the same. The sentence adds how many of the unknown "
        "items could change the class.",
        "All states are tried (at most eleven sums for each number of known items), so the rule for bounds and for the "
        "mean of known items is followed without a second formula.",
        "Only the number of items counts, not which they are.",
    ),
    Formula(
        "Deliveries behind a figure",
        ("explanations.delivery_ids",),
        "Security: the deliveries of the clashes counted in the window; without a clash, every delivery of the leading "
        "source, whose silence is then the evidence. Displacement and services: the delivery of the record in force.",
        "Each figure can be followed to the file that it came from, and that file to its source and licence.",
        "The class of displacement and services rests on the clashes of the township as well.",
    ),
)
_SCENARIOS: tuple[Formula, ...] = ()
_RATES: tuple[Formula, ...] = (
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
_SPACE: tuple[Formula, ...] = (
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
        "Moran (1950); Cliff and Ord (1981); computed with esda",
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
        "together. Months of a cumulative window repeat most of their counts and are no independent findings.",
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
        "Getis and Ord (1992); Ord and Getis (1995); statistic computed with esda",
    ),
)
_TIME: tuple[Formula, ...] = (
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
        ("township_changes.clashes_year_maximum_count", "township_changes.is_alert", "change_summary.alerts_count"),
        "Clashes of the month above the highest count of any of the ALERT_YEAR_MONTHS = 12 months before, and at least "
        "ALERT_CLASHES = 2. Unknown with fewer than twelve known months.",
        "A township is held against its own past, not against others. HDX Signals asks in the same way for the "
        "highest figure of a year or of three years above a floor. A single clash after a quiet year is an onset.",
        "Of thirteen months without any trend each is the highest equally often: up to one township in thirteen may "
        "be on alert by chance, fewer where counts are low and tie. A cut month counts as it is, which can only miss "
        "an alert.",
        "HDX Signals (OCHA), rules on ACLED and IDMC figures.",
    ),
)
_COMPOSITE: tuple[Formula, ...] = (
    Formula(
        "Composite (secondary, only with --composite)",
        (
            "composite.composite_geometric_score",
            "composite.composite_arithmetic_score",
            "composite.indices_known_count",
            "composite.composite_rank",
        ),
        "Secondary to the profile of three. Of the townships in conflict at the last month with all three published "
        "scores known: composite_geometric_score is the cube root of the product of y = 1 + 0.99 x over the three "
        "scores x, moved back by (y - 1) / 0.99; composite_arithmetic_score is their mean. composite_rank orders by "
        "the geometric score, 1 the worst. Services count as known from three items on, as for their class.",
        "A geometric mean does not let one low score be made good in full by a high one. A single zero would wipe out "
        "the others, so scores are moved onto 1 to 100 first, as COINr's documentation asks (LOWEST = 1). Outside "
        "conflict there is no class and no clash, and nothing to rank.",
        "ISP-Myanmar merges nothing. The three scores have goalposts of different kinds, so equal weights are not "
        "equal importance. A run is refused where any index is known for fewer than COVERAGE_FLOOR = two thirds of "
        "the townships in conflict. A displacement figure of 1 to 9 is withheld and counts as not known.",
        "OECD/JRC, Handbook on Constructing Composite Indicators, 2008; COINr.",
    ),
    Formula(
        "Rank interval of the composite",
        ("composite.composite_rank_low", "composite.composite_rank_high"),
        "Percentiles 2.5 and 97.5 of the township's rank over every combination of: weights (equal, entropy, first "
        "component, and DRAWS = 500 drawn with every division equally likely, seed DRAWS_SEED = 20210201); scores as "
        "they are, min-max 100 (x - min) / (max - min), z-scores (x - mean) / sd, or ranks; geometric or arithmetic "
        "mean; townships that lack an index left out, or scored on the two they have.",
        "The order of a composite is the work of such choices. A township whose interval is wide has no rank worth "
        "naming. Geometric means of z-scores are left out: moved onto 1 to 100, z-scores are the min-max values again.",
        "It does not hold what is uncertain in the scores themselves. With the drawn weights some combinations rest "
        "almost on one index alone. A township scored on two indices moves others down, but has no rank itself.",
        "OECD/JRC handbook, step 7; Saisana, Saltelli and Tarantola 2005.",
    ),
    Formula(
        "Weights of the composite",
        ("composite_weights.weight_share",),
        "equal: one third each. entropy: (1 - e) over its sum, with p = x / sum of x over the townships and "
        "e = -sum of p ln p, over ln(townships). pca: squared loadings of the first principal component of the "
        "correlations. All from the townships with three known scores; the composite's own score and rank use equal.",
        "Equal weights claim the least. The other two are what the figures themselves suggest, and differ: entropy "
        "favours the score that is spread most unevenly, the first component the one that goes with the others.",
        "Both are statements about spread, not about importance to people. Where two indices run against each other "
        "the squared loadings hide it.",
        "Shannon 1948; Hwang and Yoon 1981; OECD/JRC handbook, step 6.",
    ),
)
_CALIBRATION: tuple[Formula, ...] = (
    Formula(
        title="How far a cut is from published margins",
        columns=(),
        formula=(
            "For each candidate cut, the sum over the published figures of |townships at this cut - townships "
            "published|. A published per cent is turned into townships: per cent / 100 x number of townships. "
            "Candidates: every whole number of clashes from 1 to the largest count; every interval between two figures "
            "of displaced people as they are shown; every tenth of services lost."
        ),
        why=(
            "Every figure counts alike and a difference can be read as townships. Of equally good cuts the base "
            "method's own is kept, else the roundest number is taken, else the lowest: nothing else tells them apart."
        ),
        limits=(
            "The cut is not unique and closeness proves nothing: many methods meet the same margins. It holds for one "
            "source, one window and one period end. Within five of a shown figure of displaced people no cut is tried, "
            "so that the rounded figures give the classes of the exact ones."
        ),
    ),
    Formula(
        title="Equally good and nearly as good cuts",
        columns=(),
        formula=(
            "Equally good: the same loss. Nearly as good: there are true values within half a unit of the last printed "
            "digit of every published per cent (whole per cent: 0.5 points) for which the cut is at least as close as "
            "the best one. Numbers of townships are taken as exact. One step away: how many townships leave or join "
            "the upper class at the next candidate above and below."
        ),
        why="A rounded figure cannot tell cuts apart that differ by less than its rounding.",
        limits="Errors of the source itself are not in this range; the probability of a class shows some of them.",
    ),
)

# Heading of the methods page -> its formulas, in the order of the page.
FORMULAS: dict[str, tuple[Formula, ...]] = {
    "Security Index": _SECURITY,
    "Humanitarian Crisis Index": _HUMANITARIAN,
    "Public Service Provision Index": _SERVICES,
    "How sure a class is": _UNCERTAINTY,
    "Share of territory": _CONTROL,
    "Evidence": _EVIDENCE,
    "Other defensible choices": _SCENARIOS,
    "Rates": _RATES,
    "Neighbours and hot spots": _SPACE,
    "Change from month to month": _TIME,
    "Optional composite": _COMPOSITE,
    "Calibration": _CALIBRATION,
}


def unknown_columns() -> list[str]:
    """Columns that a formula names and no published table has."""
    named = [column for group in FORMULAS.values() for one in group for column in one.columns]
    known = {f"{t.name}.{c}" for t in TABLES.values() if t.layer == "published" for c in t.columns}
    return sorted(set(named) - known)


if unknown_columns():
    raise ValueError(f"formulas name columns that no published table has: {', '.join(unknown_columns())}")
