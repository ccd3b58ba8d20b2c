"""Share of territory lost, held and contested, on three bases."""

from pipeline.declare.tables.declaration import NOT_CONTROL, Layer, Sheet, table

TERRITORIAL_CONTROL = table(
    Layer.PUBLISHED,
    "territorial_control",
    "method, month, scope, basis and measure",
    """method, month, scope, basis, measure, period_end, lost_share, lost_low, lost_high, lost_expected_share,
           lost_interval_low, lost_interval_high, contested_share, held_share, unknown_share, lost_value, known_value,
           compared_value, differs_from_security_value, total_value""",
    "method, month, scope, basis, measure",
    "lost_share, lost_low, lost_high, lost_expected_share, lost_interval_low, lost_interval_high,"
    "contested_share, held_share, unknown_share, lost_value, known_value, compared_value,"
    "differs_from_security_value, total_value",
    caveats=(NOT_CONTROL, "Lost, contested, held and unknown sum to one."),
    sheet=Sheet(4, "Share of control lost on three bases and three measures, latest month", latest=True),
    compared=(
        "lost_share",
        "contested_share",
        "held_share",
        "unknown_share",
    ),
)
