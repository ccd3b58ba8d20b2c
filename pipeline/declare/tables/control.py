"""Share of territory lost, held and contested, on three bases; who controls each township, as observed."""

from pipeline.declare.codes import CONTROL_SHARES
from pipeline.declare.methods import ISP_2023
from pipeline.declare.tables.declaration import NOT_CONTROL, Formula, Layer, Sheet, table

_SHARES = ", ".join(CONTROL_SHARES)

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
    caveats=(
        NOT_CONTROL,
        "Lost, contested, held and unknown sum to one.",
        "The measure exact_area stands on the basis observed only.",
    ),
    sheet=Sheet(4, "Share of control lost on three bases and three measures, latest month", latest=True),
    compared=(
        "lost_share",
        "contested_share",
        "held_share",
        "unknown_share",
    ),
)
TOWNSHIP_CONTROL = table(
    Layer.PUBLISHED,
    "township_control",
    "method, month and township",
    f"""method, month, adm3_pcode, period_end, controller, {_SHARES}, unknown_share, control_source, control_date,
           control_records_count, conflicting_records_count, towns_recorded_count, towns_lost_count""",
    "method, month, adm3_pcode",
    f"{_SHARES}, unknown_share, control_source, control_date",
    township_reference=True,
    caveats=(
        "Control as it was observed, with the day of the record; unknown where no record is in force.",
        "The record nearest before the month's end stands: two months may show one day, and the day says which.",
        "A town is not a township: the counts of towns never decide the controller.",
    ),
    sheet=Sheet(23, "Who controls each township, as observed, latest month, all methods", latest=True),
    compared=("controller",),
)

FORMULAS: tuple[Formula, ...] = (
    Formula(
        title="Who controls a township, as observed",
        columns=(
            *(f"township_control.{share}" for share in CONTROL_SHARES),
            "township_control.unknown_share",
            "township_control.controller",
            "township_control.conflicting_records_count",
        ),
        formula=(
            "The newest control record dated by period_end and at most control_stale_days "
            f"({ISP_2023.control_stale_days.value:.0f}) days old. Of a record with shares the controller is the side "
            "above one half of the township's area, the unknown too, and contested where none is; what the shares "
            "leave to one is unknown. Areas drawn on a map are cut by the township's boundary; areas of one side that "
            "overlap count once, and where areas of several sides take more than the township, the shares are divided "
            "by what is drawn. Of several records of one day that of the highest confidence stands; equal confidence "
            "and different controllers are contested, counted in conflicting_records_count, and no share is given."
        ),
        why=(
            "Half of the area is the one cut at which a single side has more than all others together. What a map "
            "leaves bare is no loss and no hold."
        ),
        limits=(
            "A map shows what its maker knew, on one day for all places; its colour for the state often means no more "
            "than not known to be lost. Who holds the ground need not govern the people."
        ),
    ),
    Formula(
        title="Exact share of area",
        columns=("territorial_control.lost_share", "territorial_control.held_share"),
        formula=(
            "Measure exact_area, basis observed: lost is the sum of (resistance_share + other_share) x area_km2 over "
            "all of the scope, contested and held likewise with contested_share and state_share; the rest is unknown, "
            "and so is every township whose record gives no share."
        ),
        why="By townships a side with 51 % of the ground has all of it; by exact share it has 51 %.",
        limits="Forest and fields count as much as towns; shares by people rest on whole townships.",
    ),
)
