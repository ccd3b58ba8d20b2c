"""Towns taken and retaken: how many are in whose hands, by month."""

from pipeline.declare.tables.declaration import Formula, Layer, Sheet, table

TOWN_CONTROL = table(
    Layer.PUBLISHED,
    "town_control",
    "month, scope and controller",
    "month, scope, controller, period_end, towns_count, newest_event_date",
    "month, scope, controller",
    "newest_event_date",
    caveats=(
        "Counts alone: no town is named.",
        "Only towns of which a change of hands is recorded; of all others nothing is said.",
        "Empty where no such record was delivered.",
    ),
    sheet=Sheet(24, "Towns by who took them last, latest month", latest=True),
    compared=("towns_count",),
)

FORMULAS: tuple[Formula, ...] = (
    Formula(
        title="Towns taken and retaken",
        columns=(
            "town_control.towns_count",
            "township_control.towns_recorded_count",
            "township_control.towns_lost_count",
        ),
        formula=(
            "Captures and recaptures are played in the order of their days: a town counts for whoever took it last by "
            "the end of the month. Records of one day that name different sides with equal confidence make it "
            "contested. Towns in other hands than the state's are those of resistance and other. Spellings that are "
            "known as one township's name are one town."
        ),
        why="A count of captures alone only grows; played in order it falls when towns are retaken.",
        limits=(
            "A list of events is as complete as its maker: towns lost before it begins, or changed without a report, "
            "are missing. Two spellings of a town that bears no township's name count twice."
        ),
    ),
)
