"""Several sources of clashes beside each other."""

from pipeline.declare.tables.declaration import Layer, Sheet, table

EVENT_MATCHES = table(
    Layer.INDICES,
    "event_matches",
    "pair of clashes of two sources that may be the same",
    "source_a, event_id_a, source_b, event_id_b, adm3_pcode, days_apart, actors_agree",
    "source_a, source_b, event_id_a",
    township_reference=True,
    caveats=("Candidates found by place, day and parties: nobody has read both reports.",),
)
SOURCE_CONCORDANCE = table(
    Layer.PUBLISHED,
    "source_concordance",
    "pair of clash sources",
    """source_a, source_b, period_start, period_end, months_count, township_months_count,
           both_count, only_a_count, only_b_count, neither_count, agreement_share, kappa, rank_correlation,
           events_a_count, events_b_count, matched_count, matched_by_chance_count, events_estimate,
           events_estimate_low, events_estimate_high, events_estimate_variance, events_estimate_without_chance,
           events_estimate_without_chance_low, events_estimate_without_chance_high, comparable, assumptions_note""",
    "source_a, source_b",
    """period_start, period_end, agreement_share, kappa, rank_correlation, events_estimate, events_estimate_low,
           events_estimate_high, events_estimate_variance, events_estimate_without_chance,
           events_estimate_without_chance_low, events_estimate_without_chance_high""",
    caveats=(
        "Clashes placed in a township, over the months both sources cover, from the coup on.",
        "The estimate assumes that the list of events is closed, that the sources find events "
        "independently, that every event is equally likely to be found, and that the matches are right.",
        "Sources that follow the same news, and matches by chance, make it too low; matches that were "
        "missed, as of events dated only to a week or month, make it too high. With two lists drawn from a known 3,386 "
        "clashes events_estimate came out at 2,965 and events_estimate_without_chance at 3,927: the truth lies between "
        "the two, and neither interval alone holds it.",
    ),
    sheet=Sheet(17, "How far sources of clashes agree, pair by pair"),
)
SOURCE_MATCHES = table(
    Layer.PUBLISHED,
    "source_matches",
    "pair of clash sources, month and township",
    "source_a, source_b, month, adm3_pcode, events_a_count, events_b_count, matched_count",
    "source_a, source_b, month, adm3_pcode",
    township_reference=True,
    caveats=(
        "Months that both sources cover; townships without a row had no clash in either.",
        "A pair whose two days lie in different months is in no row's matched_count.",
    ),
    sheet=Sheet(None, "Clashes of two sources side by side, by month and township"),
)
