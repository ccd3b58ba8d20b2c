"""How sure a class is, and the share of territory with its interval, in words."""

from pipeline.declare.methods import DISPERSION_CLASHES, DISPERSION_UNKNOWN, INTERVAL_STEPS, ISP_2023
from pipeline.declare.tables.declaration import Formula

UNCERTAINTY: tuple[Formula, ...] = (
    Formula(
        title="Probability of class high",
        columns=("township_index.security_high_probability",),
        formula=(
            "Clashes of one township vary more than a Poisson: their dispersion d is the mean of Pearson's X2 / "
            f"(months - 1) over the townships of at least {DISPERSION_CLASHES.value:.0f} clashes, after the national "
            f"course, of the months from the first to this one; at least 1, and {DISPERSION_UNKNOWN.value} where too "
            "little is known of it. Counts over d are taken as Poisson. Their rates follow Gamma(a, b), fitted each "
            "month to the counts n / d of all townships by maximum likelihood: b = a / mean, and a solves "
            "mean(digamma(a + n / d) - digamma(a)) + ln(a / (a + mean)) = 0, at most 1. Given its count n a "
            "township's rate is Gamma(a + n / d, b + 1), and P(high) is the probability that this rate is at least "
            "the cut over d."
        ),
        why=(
            "It is how likely another record of the same months, equally selective, would also put the township into "
            "class high: a count is one draw of what the place's level of fighting makes likely, and a township at the "
            "cut is about as likely below it. Whether it comes true is measured wherever a second source is delivered: "
            "table reliability, column calibration_error. The gamma-Poisson explains the many zeros without a class of "
            "its own for them. A rate is continuous, so the cut is not moved by a half. A shape above 1 would draw "
            "every township so far to the mean that one more clash elsewhere could undo its own."
        ),
        limits=(
            "It is not about the future: a township that is high today is high ever after, as its count cannot fall, "
            "and what comes next is in current_intensity. Says nothing of what all sources miss alike. "
            "Neighbouring townships are taken as independent given the prior, and the errors of the fitted prior and "
            "dispersion are left out. Where a source's silence means unknown only townships with a clash are in the "
            "fit, so the prior lies too high and P(high) near the cut by a few hundredths."
        ),
        reference=(
            "Simonsen (1976); Johnson, Kemp and Kotz, Univariate Discrete Distributions, ch. 5; Clayton and "
            "Kaldor (1987)."
        ),
    ),
    Formula(
        title="Townships in conflict that nobody recorded",
        columns=tuple(f"national_summary.in_conflict_estimate{end}" for end in ("", "_low", "_high")),
        formula=(
            "Of S townships with a clash in the window f1 have exactly one and f2 exactly two: in_conflict_estimate = "
            "S + f1 (f1 - 1) / (2 (f2 + 1)), and in_conflict_estimate_low and in_conflict_estimate_high are the 95 % "
            "interval, log-normal for the part that was not seen. Where f1 is 0 or 1 the bound is S, the lower end "
            "too, and the upper end is (S + 1.96 sqrt(V)) / (1 - P): a township of n clashes is missed with e^-n, P "
            "is the mean of these chances and V = sum(e^-n - e^-2n) - sum(n e^-n)^2 / sum(n). Never above the number "
            "of townships; one of unknown count is one more at the upper end. Blank where no clash is recorded."
        ),
        why=(
            "Where many townships are seen with one clash alone, others will have had one that was missed. On UCDP the "
            "bound of May 2022 was 191 (166 to 245) and that of December 2022 223 (205 to 262), where 217 were seen by "
            "the end of 2023."
        ),
        limits=(
            "A bound from below: it takes every clash of a township to be recorded by chance alike. It counts "
            "townships and names none."
        ),
        reference=(
            "Chao (1984, 1987), bias-corrected; the end for f1 of 0 or 1 as in SpadeR (Chao, Ma, Hsieh and Chiu 2016)."
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
            "rank that they share may lie outside the interval, and so may that of a single clash in a month with "
            "hardly any. Only townships whose count is known are ranked."
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


CONTROL: tuple[Formula, ...] = (
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
        title="How the bases differ from the Security Index",
        columns=(
            "territorial_control.compared_value",
            "territorial_control.differs_from_security_value",
        ),
        formula=(
            "On each other basis: compared_value adds up the townships, km2 or people whose state is known both on it "
            "and by the Security Index; differs_from_security_value those of them whose two states are not the same."
        ),
        why="Where two bases differ, a single share of control lost would hide it.",
        limits=(
            "The Security Index knows nothing contested, so a township that is contested on another basis always "
            "differs. Which states stand against each other is read off the three states of township_index."
        ),
    ),
)
