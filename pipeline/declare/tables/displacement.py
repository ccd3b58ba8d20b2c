"""Displaced people by day: stock and new displacement as two series, and the formulas of their class."""

from pipeline.declare.methods import DISPLACED_SHARE_HIGH, ISP_2023
from pipeline.declare.tables.declaration import Formula, Layer, Sheet, table

DISPLACEMENT_SERIES = table(
    Layer.PUBLISHED,
    "displacement_series",
    "township and day reported",
    """adm3_pcode, reference_date, idps_stock_persons, idps_stock_suppressed, idps_stock_change_persons,
           idps_new_persons, idps_new_suppressed, idps_new_change_persons, after_period""",
    "adm3_pcode, reference_date",
    "idps_stock_persons, idps_stock_change_persons, idps_new_persons, idps_new_change_persons",
    township_reference=True,
    caveats=(
        "Stock is everyone displaced on the day, new displacement the running total since February 2021: two series, "
        "never added.",
        "Figures are rounded to ten and 1 to 9 are withheld, but for a release of the internal profile. A day without "
        "a row was not reported; it is not zero.",
    ),
    sheet=Sheet(24, "Displaced people by day reported, stock and new displacement"),
)

DISPLACEMENT: tuple[Formula, ...] = (
    Formula(
        "Displaced people by day",
        (
            "displacement_series.idps_stock_persons",
            "displacement_series.idps_new_persons",
            "displacement_series.idps_stock_change_persons",
            "displacement_series.idps_new_change_persons",
        ),
        "One figure of each series for a township and day: of several reports the one received last, the township's "
        "own before one of a retired code; where a source's silence means zero, 0. The change is the figure as shown "
        "less that of the day reported before.",
        "A stock says how many live displaced; how many fled anew it does not say. The index takes one figure for each "
        "month and hides the other.",
        "Sources count differently: a change from one source to another is partly one of counting.",
    ),
    Formula(
        "Displacement by number and share",
        ("township_index.displacement_class", "township_index.idps_population_share"),
        "The figure in force of the index, whatever its basis: high from "
        f"{ISP_2023.idps_high.value:,.0f} people (idps_high) or from {DISPLACED_SHARE_HIGH.value:.0%} of the people "
        "living in the township (DISPLACED_SHARE_HIGH), low from 1, none where a report counts none, insufficient_data "
        "without a report in force. idps_population_share is the figure as shown over population_persons.".replace(
            "%", " %"
        ),
        "Ten thousand displaced are many in a township of thirty thousand and few in a city. Clashes play no part: "
        "people are displaced in quiet townships too, and a first clash displaces nobody by itself.",
        "The population is a projection from the census of 2014 and does not know who fled. The published class "
        "(humanitarian_class) stays as it is, inside conflict alone and by the number.",
    ),
    Formula(
        "Change of displacement",
        ("township_index.displacement_change",),
        "The figure in force as shown beside that of the month before: rise, fall or unchanged on the same basis, "
        "other_basis where stock took the place of new displacement or the other way, first_figure, lapsed where it "
        "grew too old, no_figure in both months, no_comparison in the first month.",
        "A class that exists only in conflict moves with the first clash, without any newer report: that is no change "
        "of displacement, and this column says unchanged.",
        "A newer report of the same number is unchanged; how old the figure is, idps_reference_date says.",
    ),
)
