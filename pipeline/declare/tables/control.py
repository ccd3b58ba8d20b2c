"""Share of territory lost, held and contested, on three bases."""

from pipeline.declare.tables.table import NOT_CONTROL, Layer, Sheet, table

TERRITORIAL_CONTROL = table(
    Layer.PUBLISHED,
    "territorial_control",
    "method, month, scope, basis and measure",
    """method, month, scope, basis, measure, period_end, lost_share, lost_low, lost_high, lost_expected_share,
           lost_interval_low, lost_interval_high, contested_share, held_share, unknown_share, lost_value, known_value,
           total_value""",
    "method, month, scope, basis, measure",
    "lost_share, lost_low, lost_high, lost_expected_share, lost_interval_low, lost_interval_high,"
    "contested_share, held_share, unknown_share, lost_value, known_value, total_value",
    caveats=(NOT_CONTROL, "Lost, contested, held and unknown sum to one."),
    sheet=Sheet(4, "Share of control lost on three bases and three measures, latest month", latest=True),
    compared=(
        "lost_share",
        "contested_share",
        "held_share",
        "unknown_share",
    ),
)
CONTROL_DISAGREEMENT = table(
    Layer.PUBLISHED,
    "control_disagreement",
    "method, month, pair of bases and pair of states",
    """method, month, period_end, basis_a, basis_b, state_a, state_b, townships_count, area_km2,
           population_persons""",
    "method, month, basis_a, basis_b, state_a, state_b",
    "population_persons",
    caveats=(NOT_CONTROL, "All 330 townships stand in each pair; where the states differ, the bases do."),
    sheet=Sheet(15, "Where the bases of control disagree, latest month", latest=True),
)
