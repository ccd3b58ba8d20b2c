"""Other defensible choices and what they move, and the formulas of it."""

from pipeline.declare.codes import IndexName
from pipeline.declare.tables.declaration import Formula, Layer, Sheet, table

_KINDS = ("kept_share", "scenarios_count", "changed_by")  # of each index
SCENARIOS = table(
    Layer.PUBLISHED,
    "scenarios",
    "method, index and scenario",
    """method, index_name, scenario, month, is_baseline, worst_class_count, townships_moved_count,
           scenario_control_share, rank_shift_mean""",
    "method, index_name, scenario",
    "scenario_control_share, rank_shift_mean",
    caveats=("The method itself and each alternative of each choice alone, at the last month of the release.",),
    sheet=Sheet(13, "Every scenario of the method and what it moves"),
)
ROBUSTNESS = table(
    Layer.PUBLISHED,
    "robustness",
    "method, month and township",
    ", ".join(("method", "month", "adm3_pcode", *(f"{index}_{kind}" for index in IndexName for kind in _KINDS))),
    "method, month, adm3_pcode",
    ", ".join(f"{index}_{kind}" for index in IndexName for kind in ("changed_by", "kept_share")),
    township_reference=True,
    caveats=(
        "How far a class rests on this project's choices; not how sure the records are.",
        "Insufficient data is a class of its own: a scenario in which the records no longer suffice does "
        "not keep the class. A kept share is missing where no scenario has anything to class: nought stays nought and "
        "unknown stays unknown, which is no robustness.",
    ),
    sheet=Sheet(11, "In how many scenarios each class is kept, latest month, all methods", latest=True),
    mapped=tuple(f"{index}_kept_share" for index in IndexName),
)
SENSITIVITY = table(
    Layer.PUBLISHED,
    "sensitivity",
    "method, index and choice",
    """method, index_name, choice, month, alternatives_count, scenarios_count, townships_moved_count,
           townships_moved_by, control_share_low, control_share_high""",
    "method, index_name, choice",
    """townships_moved_by, control_share_low, control_share_high""",
    caveats=(
        "At the last month of the release.",
        "Each alternative is taken alone: what two choices move together is not in it.",
    ),
    sheet=Sheet(12, "What each choice of the method moves"),
)

FORMULAS: tuple[Formula, ...] = (
    Formula(
        "Scenarios",
        (
            "scenarios.scenario",
            "scenarios.is_baseline",
            "scenarios.worst_class_count",
            "scenarios.townships_moved_count",
            "scenarios.scenario_control_share",
        ),
        "The method itself, and each alternative of each of the index's choices alone, all else as in the method. "
        "Security: events (clash | clash and violence against civilians), window (since "
        "the coup | 12 months, with the cuts that the shipped method of that window states), threshold (own | one step "
        "lower | one step higher), source (the leading one | each other clash source that covers the months from the "
        "coup on, with the cut of its family). Humanitarian: basis (new then stock | stock | new), threshold (5,000 | "
        "10,000 | 20,000 people), staleness (365 | 730 | 1,095 days), and events, window and source, which "
        "decide where there is conflict. Services: severe cut (0.5 | 0.6 | 0.7), known items at least (2 | 3 | 4), "
        "staleness (183 | 365 | 730 days), and the same three. One step of the security cut is 1 clash, but 3 for "
        "sources of all clashes since the coup, unless the cut is too small for it; "
        "below a cut of 1 there is none. "
        "Share lost: townships of class high over all townships; for services, "
        "townships with police station and administration office both closed.",
        "No cut and no definition was published, so each of these choices could have been made otherwise in good "
        "faith: the published words leave it open, and the alternative has a reason of its own, stated on this page, "
        "that does not look at the figures it gives. A class that stands under all of them does not rest on any single "
        "choice of ours. Three clashes are about one standard "
        "error of a Poisson count of ten; for cuts of two to four one clash is the smallest step.",
        "One change at a time: what two choices do together is not computed. All alternatives count alike, though "
        "some are likelier than others. A window brings cuts of its own; other "
        "events are held to the same cut, so that what they move is the change of volume. An alternative that leaves "
        "most clashes out and keeps the cut is none in good faith: counting only events at a known point, one in five "
        "of UCDP's release, is therefore no scenario. Figures of displaced people enter as "
        "they are shown: rounded to ten, with 1 to 9 as one, on their side of the method's own cut.",
        "OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7; Saltelli and Annoni (2010), How to "
        "avoid a perfunctory sensitivity analysis, on what one change at a time does not see",
    ),
    Formula(
        "Shift of ranks",
        ("scenarios.rank_shift_mean",),
        "Mean over the townships of |rank in the method - rank in the scenario|. Ranks by clashes, displaced people as "
        "shown, or mean loss over the known items; equal values share their average rank; townships known in both.",
        "Classes can stay while the order of need changes.",
        "Missing where fewer than two townships are known in both. A cut moves no rank.",
        "OECD/JRC (2008), step 7; Saisana, Saltelli and Tarantola (2005)",
    ),
    Formula(
        "Kept share and single changes",
        tuple(f"robustness.{index}_{kind}" for index in IndexName for kind in _KINDS),
        "Kept share = scenarios in which the township has the class that the method gives it / all scenarios of the "
        "index whose source covers the month, the method itself among them; missing where no scenario has a figure to "
        "class. So the townships with a kept share are those that could change, and the share of them at 1 says how "
        "many classes stand whatever is chosen. Changed by: the alternatives that change "
        "the class, which are all the scenarios in which it is not kept.",
        "A reader who plans on one township's class must know whether another reading would give another.",
        "It says how far a class rests on choices, not how sure the records are: for that see the probability of the "
        "class. Insufficient data counts as a class.",
    ),
    Formula(
        "Which choice matters most",
        (
            "sensitivity.alternatives_count",
            "sensitivity.scenarios_count",
            "sensitivity.townships_moved_count",
            "sensitivity.townships_moved_by",
            "sensitivity.control_share_low",
            "sensitivity.control_share_high",
        ),
        "Of the choice's alternatives taken alone: the most townships that one moves, which one, and the least and "
        "greatest share lost, the method's own included.",
        "One change at a time is what a reader can follow.",
        "It does not see what two choices do together.",
    ),
)
