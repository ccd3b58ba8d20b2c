"""What stands behind a figure, in words: evidence grades, explanations, calibration."""

from pipeline.declare.methods import (
    EVIDENCE_EXACT_SHARE,
    EVIDENCE_MANY_CLASHES,
    EVIDENCE_POSSIBLE_MOST_SHARE,
    EVIDENCE_RECENT_DAYS,
    EVIDENCE_SOURCES,
    EVIDENCE_UNALLOCATED_MOST_SHARE,
    EVIDENCE_YEAR_DAYS,
    GRADE_RULE,
    ISP_2023,
)
from pipeline.declare.tables.declaration import Formula

EVIDENCE: tuple[Formula, ...] = (
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
        "Evidence of each index",
        tuple(f"township_index.evidence_{what}" for what in ("security", "humanitarian", "services", "control")),
        "Security, with clashes in the window: one point each for at least "
        f"{EVIDENCE_MANY_CLASHES.value:.0f} clashes; possible clashes of at most "
        f"{EVIDENCE_POSSIBLE_MOST_SHARE.value:.0%} of certain and possible ones; a clash at most "
        f"{EVIDENCE_YEAR_DAYS.value:.0f} days old; clashes there in at least {EVIDENCE_SOURCES.value:.0f} sources. A "
        "from three points, B two, C fewer. Without a clash: A, B, C for three, two, one kind of other record in "
        "force, D for none, and D where events may be clashes there or no source covers the township. Displacement and "
        f"control: A for a record at most {EVIDENCE_RECENT_DAYS.value:.0f} days old, B at most "
        f"{EVIDENCE_YEAR_DAYS.value:.0f}, C older and still in force, D without one. Services: A where the class is "
        f"certain whatever is missing and the survey at most {EVIDENCE_RECENT_DAYS.value:.0f} days old, B certain, C "
        "enough items for a class, D fewer.".replace("%", " %"),
        "One grade over three indices rates none of them: many well-placed clashes say much of fighting and nothing of "
        f"services. {EVIDENCE_MANY_CLASHES.why} {EVIDENCE_POSSIBLE_MOST_SHARE.why} {EVIDENCE_YEAR_DAYS.why}",
        "Every grade can be reached on public data. A grade says how much stands behind a statement, not whether it is "
        "right.",
        "As IPC and INFORM do, evidence is rated by statement; the rule and its cuts are this project's own.",
    ),
    Formula(
        "What is shown",
        tuple(f"township_index.{index}_shown" for index in ("security", "humanitarian", "services")),
        "The class of the index where it has one; withheld where the figure is 1 to 9 people. Without a clash: "
        "hosting_displaced where displaced people live there; insufficient_evidence where events are recorded that may "
        "be clashes there, or of another class; reported_quiet where a displacement figure, a survey or a control "
        "record is in force; else silent. no_data in conflict without a record, and where no source covers the "
        "township; insufficient_evidence with some answers that are too few for a class. There is no security score "
        "and no probability but for a class and for reported_quiet.",
        "No clash recorded is a finding only where somebody reports. Of the 16 townships once shown as not in conflict "
        "at the end of 2023 every one hosted displaced people.",
        "reported_quiet rests on records of another kind, which need not mention fighting.",
    ),
    Formula(
        "Exactly located share",
        ("township_index.exact_share", "township_index.precise_share"),
        "exact_share: clashes counted in the window that the source locates exactly, divided by all clashes counted "
        "there. precise_share: located events of the counted classes at township level or better, divided by all "
        "that stand in the township.",
        "A clash named for a township, or near a point, lies in the township by all likelihood, not for certain; the "
        "share of events at township level or better is 1 wherever only those count, and tells nothing apart.",
        "Exact is what the source calls so (UCDP where_prec 1, ACLED geo_precision 1, or stated in the file).",
    ),
    Formula(
        "Records behind services and control",
        ("township_index.services_records_count", "township_index.control_records_count"),
        "How many surveys and how many control records of the township are in force: dated by period_end and at most "
        f"so many days before it (services_stale_days, {ISP_2023.services_stale_days.value:.0f}; control_stale_days, "
        f"{ISP_2023.control_stale_days.value:.0f}). Of several of one day one counts, the one that stands: what its "
        "source has revised since does not, nor one received earlier. Records that reached the township from a "
        "retired code count only where it has none of its own in force. The window of the clashes plays no part.",
        "The newest record alone makes the class. The count says how often the township is heard of, and whether there "
        "is another record to hold the newest one against.",
        "0 is the number of records and says nothing of the township: its services or its controller are then unknown, "
        "neither in place nor lost, neither held nor taken. A record may leave every item or the controller unknown, "
        "so a count above 0 is not yet a class. Records may contradict each other. They are not to be added over "
        "townships: one of a retired code may stand in several.",
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


CALIBRATION: tuple[Formula, ...] = (
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
