"""Every column once: type, unit, meaning, meaning of zero and of missing, bounds, how it adds up.

DDL, comments, Dagster column schemas, the structure suites, the dictionary and the data package are
all made from this file. A threshold of a method is not a bound: those stand in methods.py.
"""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.declare import codes
from pipeline.declare.indices import INDICES

PCODE_PATTERN = r"^MMR\d{6}$"


@dataclass(frozen=True)
class Column:
    """One quantity, under one name, wherever it stands."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    zero: str = ""
    missing: str = ""
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    pattern: str = ""
    adds: str = ""  # "sum", "mean" or "" where rows must not be combined

    @property
    def comment(self) -> str:
        """One line for a database comment: meaning, unit, zero, missing."""
        parts = [self.meaning.rstrip(".") + "."]
        if self.unit:
            parts.append(f"Unit: {self.unit}.")
        if self.zero:
            parts.append(f"Zero: {self.zero}.")
        if self.missing:
            parts.append(f"Missing: {self.missing}.")
        return " ".join(parts)


def _text(name: str, meaning: str, **more: object) -> Column:
    return Column(name, "VARCHAR", meaning, **more)  # type: ignore[arg-type]


def _code(name: str, meaning: str, values: type[StrEnum], **more: object) -> Column:
    return Column(name, "VARCHAR", meaning, values=tuple(values), **more)  # type: ignore[arg-type]


def _count(name: str, meaning: str, unit: str, **more: object) -> Column:
    return Column(name, "BIGINT", meaning, unit=unit, low=0, **{"adds": "sum", **more})  # type: ignore[arg-type]


def _share(name: str, meaning: str, **more: object) -> Column:
    return Column(name, "DOUBLE", meaning, unit="share, 0 to 1", low=0, high=1, **more)  # type: ignore[arg-type]


def _score(name: str, meaning: str, **more: object) -> Column:
    return Column(name, "DOUBLE", meaning, unit="points, 0 to 100", low=0, high=100, **more)  # type: ignore[arg-type]


def _date(name: str, meaning: str, **more: object) -> Column:
    return Column(name, "DATE", meaning, **more)  # type: ignore[arg-type]


def _pcode(name: str, meaning: str, pattern: str) -> Column:
    return Column(name, "VARCHAR", meaning, pattern=pattern)


_OUTSIDE = "the township is not in conflict, or no record covers it"

_ALL = (
    # places
    _pcode("adm3_pcode", "Township P-code of MIMU's list 9.3", PCODE_PATTERN),
    _text("adm3_name", "Township name in English, as in MIMU's list"),
    _text("adm3_name_my", "Township name in Burmese (Unicode)"),
    _pcode("adm2_pcode", "District or self-administered area P-code", r"^MMR\d{3}[DS]\d{3}$"),
    _text("adm2_name", "District name"),
    _pcode("adm1_pcode", "P-code of the MIMU state or region unit (18 units)", r"^MMR\d{3}$"),
    _text("adm1_name", "MIMU state or region unit (18: Bago and Shan are divided)"),
    _text("state_region", "Official state, region or union territory (15)"),
    _text("self_administered_unit", "Self-administered zone or division", missing="the township is in none"),
    Column("area_km2", "DOUBLE", "Land area, equal-area projection of the reference boundaries", "km2", low=0, adds="sum"),
    _count("population_persons", "People living in the township", "persons", missing="no estimate"),
    _date("population_reference_date", "Day the population figure stands for", missing="no estimate"),
    _text("boundary_source", "Where the polygon comes from; schematic shapes say so"),
    Column("geometry", "BLOB", "Township polygon as well-known binary, EPSG:4326, longitude first"),
    # time and method
    _text("method", "Name of the method the row was computed with"),
    _date("month", "First day of the month the row stands for"),
    _date("period_start", "First day of the window the counts cover"),
    _date("period_end", "Last day of the window; the true last day where the month is cut"),
    # security
    Column("in_conflict", "BOOLEAN", "At least one clash was placed in the township in the window"),
    _count("clashes_count", "Clashes placed in the township in the window", "clashes",
           zero="the source covers the township and reports none", adds=""),
    _count("clashes_month_count", "Clashes placed in the township in this month alone", "clashes",
           zero="the source covers the township and reports none"),
    _count("clashes_unallocated_count", "Clashes in the window located only to a district, region or the country", "clashes",
           adds=""),
    _count("fatalities_persons", "Deaths in the events counted (best estimate of the source)", "persons",
           missing="the source gives no deaths for any of them"),
    _count("fatalities_low_persons", "Deaths in the events counted, the source's lowest estimate", "persons",
           missing="the source gives no range for any of them"),
    _count("fatalities_high_persons", "Deaths in the events counted, the source's highest estimate", "persons",
           missing="the source gives no range for any of them"),
    _count("clashes_possible_count", "Clashes in the window placed in no township that may have happened here, because a township of the place is among their candidates; to be read beside clashes_count and never added over places", "clashes",
           zero="none has a candidate here", missing="no clash source", adds=""),
    _count("clashes_3m_count", "Clashes placed in the township in the month and the two before, whatever the window", "clashes",
           zero="the source covers the township and reports none", missing="one of the months is not known"),
    _count("clashes_12m_count", "Clashes placed in the township in the month and the eleven before, whatever the window", "clashes",
           zero="the source covers the township and reports none", missing="one of the months is not known"),
    _code("security_class", "Class of the Security Index", codes.SecurityClass),
    Column("security_step", "BIGINT", "Step of intensity by clashes in the window: 0 none, 1 some, 2 to 4 from the three breaks of the method and source (UCDP since the coup: 4, 10, 25)", "step", low=0, high=4,
           zero="no clash", missing="the count is not known"),
    _score("security_score", "Clashes on a log scale to a fixed goalpost", zero="no clash", missing="no clash source"),
    _share("security_high_probability", "How likely another, equally selective record of the same months would also put the township into class high (gamma-Poisson with dispersion); not about the months to come",
           missing="no clash source"),
    Column("security_rank", "BIGINT", "Rank by clashes in the window among the townships whose count is known, 1 the most; ties share the best rank", "rank", low=1,
           missing="no clash source"),
    Column("security_rank_low", "BIGINT", "Best rank (nearest 1) of the 95 % interval of the rank of the township's underlying clash rate (gamma-Poisson)", "rank", low=1,
           missing="no clash source"),
    Column("security_rank_high", "BIGINT", "Rank farthest from 1 of the same interval; of many townships that tie each may be the last", "rank", low=1,
           missing="no clash source"),
    _share("precise_share", "Share of the located events of the counted classes, of any precision, that are located at township level or better; 1 wherever a method counts only those",
           missing="no clash placed"),
    _share("exact_share", "Share of the clashes counted in the window that the source locates exactly, not to a named township or near a point",
           missing="no clash counted"),
    # humanitarian
    _count("idps_persons", "Displaced people in the township, on the stated basis; rounded to ten in every public release", "persons",
           zero="covered by a report that counts none", missing="not reported, or 1 to 9 (idps_suppressed)", adds="sum"),
    _code("idps_basis", "Whether the figure is post-coup new displacement or stock", codes.IdpsBasis, missing="not reported"),
    _date("idps_reference_date", "Day the displacement figure stands for", missing="not reported"),
    Column("idps_suppressed", "BOOLEAN", "The figure is 1 to 9 and withheld so that no small group can be told; read it as fewer than 10"),
    _code("humanitarian_class", "Class of the Humanitarian Crisis Index", codes.HumanitarianClass),
    _score("humanitarian_score", "Displaced people on a log scale to a fixed goalpost", zero="none reported", missing="not reported"),
    _count("idps_new_persons", "People newly displaced since 1 February 2021", "persons", missing="not reported"),
    _count("idps_stock_persons", "People displaced at the reference date, whenever they fled", "persons", missing="not reported"),
    _count("returnees_persons", "Returned, resettled or locally integrated people", "persons", missing="not reported"),
    _share("idps_population_share", "Displaced people as shown, over the people living in the township; above 1 it is shown as 1", zero="covered by a report that counts none", missing="not reported, withheld, or no population figure"),
    _code("displacement_class", "Class of the displaced people in force by their number and by their share of the population, in and out of conflict", codes.DisplacementClass),
    _code("displacement_change", "The figure of displaced people in force beside that of the month before; a class that moves while this says unchanged has moved by something else", codes.DisplacementChange),
    Column("idps_stock_suppressed", "BOOLEAN", "The stock is 1 to 9 and withheld"),
    Column("idps_new_suppressed", "BOOLEAN", "The new displacement is 1 to 9 and withheld"),
    Column("idps_stock_change_persons", "BIGINT", "Stock as shown minus that of the day reported before; a rise of stock is not a count of new displacement", "persons", zero="as many as before, after rounding", missing="no stock before, none this day, or one of the two is withheld"),
    Column("idps_new_change_persons", "BIGINT", "New displacement as shown minus that of the day reported before", "persons", zero="as many as before, after rounding", missing="none before, none this day, or one of the two is withheld"),
    # services
    *(
        _code(item, meaning, codes.ServiceState, missing="not asked")
        for item, meaning in (
            ("police_station", "Is the township police station open"),
            ("gad_office", "Is the General Administration Department office open"),
            ("electricity", "Is public electricity available"),
            ("water_supply", "Is public water supply available"),
            ("salaries", "Are officials still paid"),
        )
    ),
    _count("services_records_count", "Surveys of the township that the services could rest on: in force at period_end by the method's limit of age, one a day, and of an old code only where the township has none of its own; the newest stands", "surveys",
           zero="no survey is in force, so the services are unknown: neither in place nor lost", adds=""),
    Column("services_known_count", "BIGINT", "Service items with a known state", "of 5 items", low=0, high=5),
    _share("services_lost_score", "Mean loss over the known items: yes 0, partial 0.5, no 1", missing="no item known"),
    _share("services_lost_min", "Loss if every unknown item were in place"),
    _share("services_lost_max", "Loss if every unknown item were lost"),
    _code("services_class", "Class of the Public Service Provision Index", codes.ServicesClass),
    _code("services_class_best", "Class if every unknown item were in place; the class itself where all are known", codes.ServicesClass),
    _code("services_class_worst", "Class if every unknown item were lost; the class itself where all are known", codes.ServicesClass),
    _score("services_score", "Service loss in points: 100 times the lost score", zero="nothing lost", missing="no item known"),
    # signs of services
    Column("service_item", "VARCHAR", "Which item the sign is about: one of the five of the Public Service Provision Index, or communications, which is none of them", values=codes.SIGN_ITEMS),
    _date("from_date", "First day of what the sign says; of light the first day of the year or month measured"),
    _date("until_date", "Last day of what the sign says; of light the last day measured", missing="no end is stated"),
    _code("sign_basis", "What the sign rests on: a statement of its source, or light at night of years or months", codes.SignBasis),
    _code("sign_direction", "Whether it points to a loss of the item, or to none", codes.SignDirection, missing="a measurement of light, which says nothing by itself"),
    _code("sign_strength", "How much the sign weighs; strength_reason says why", codes.SignStrength),
    _text("strength_reason", "Why the sign weighs so much, with the figures behind it"),
    _count("lit_pixels_count", "Pixels of the township with light at night in the period", "pixels", zero="seen, and no pixel with light", missing="not seen, or not delivered", adds=""),
    Column("radiance_sum", "DOUBLE", "Sum of the radiance of the township's pixels in the period", "as the source has it", low=0, missing="not seen, or not delivered"),
    Column("light_ratio", "DOUBLE", "Light of the period over the township's own light of the same months before", "1 is as before", low=0, missing="the sign is a statement"),
    Column("quiet_light_ratio", "DOUBLE", "Median of the same ratio over the townships without a clash", "1 is as before", low=0, missing="the sign is a statement"),
    Column("after_period", "BOOLEAN", "The row begins after the end of the release's period: it is known and shown, and is no part of the indices"),
    _code("services_certainty", "What the class of services rests on: certain whatever the unknown items are, or likely by the mean of the known ones", codes.ServicesCertainty, missing="no class, or outside conflict"),
    # control
    _count("control_records_count", "Control records of the township that the controller could rest on: in force at period_end by the method's limit of age, one a day, and of an old code only where the township has none of its own; the newest stands", "records",
           zero="no record is in force, so it is unknown who controls the township: neither held nor lost", adds=""),
    _code("control_class", "Controller in the newest control record in force; contested also where records of its day contradict each other with equal standing", codes.Controller),
    _code("control_by_security", "State by the Security Index (the published definition): class high is lost, every other known class held", codes.ControlState),
    _code("control_by_administration", "State by the offices: police station and GAD office both closed is lost, both open held", codes.ControlState),
    _code("control_by_observation", "State by the control record in force: in the hands of the resistance or of others is lost to the state", codes.ControlState),
    _code("controller", "Who controls the township, the area or the town, as recorded; of shares the side above one half, contested where none is", codes.Controller),
    _share("state_share", "Share of the township's area on the state's side, as recorded", missing="the record gives no share of this side, no record is in force, or records contradict each other"),
    _share("resistance_share", "Share of the township's area held by the resistance, as recorded", missing="the record gives no share of this side, no record is in force, or records contradict each other"),
    _share("other_share", "Share of the township's area held by other armed organisations, as recorded", missing="the record gives no share of this side, no record is in force, or records contradict each other"),
    _share("area_share", "Share of the township's area that the drawn area covers"),
    _text("town", "Key of the town's name; blank for the town that bears its township's name, and where no town is named"),
    _text("control_source", "Source of the control record in force, as its delivery states it", missing="no record is in force"),
    _date("control_date", "Day of the control record in force", missing="no record is in force"),
    _count("towns_count", "Towns last taken, retaken or contested by this side, by the end of the month", "towns", zero="no town of which a change is recorded is in these hands", adds=""),
    _count("towns_recorded_count", "Towns of which it is recorded by the end of the month who took or retook them", "towns", zero="no such record: nothing is said of any town here", adds=""),
    _count("towns_lost_count", "Of these towns, those last taken by others than the state, the contested apart", "towns", zero="no recorded town is in other hands than the state's", adds=""),
    _date("newest_event_date", "Day of the newest record behind the count", missing="no town is in these hands"),
    _text("confidence", "Confidence as the source states it", missing="not stated"),
    _count("conflicting_records_count", "Records of the township and day, of equal standing, that contradict each other", "records", zero="none contradicts another", adds=""),
    # quality
    Column("evidence_grade", "VARCHAR", "Weight of the evidence behind the row, A (strong) to D (weak)", values=("A", "B", "C", "D")),
    Column("evidence_points_count", "BIGINT", "Points behind the evidence grade: precision, a second clash source, displacement, services, control, age", "of 6 points", low=0, high=6),
    _share("reporting_share", "Share of the four kinds of record (clashes, displacement, services, control) with a usable record in force; of a scope, the mean over its townships"),
    Column("data_age_days", "BIGINT", "Days from the newest record used for the township to period_end", "days", low=0,
           missing="no record of any kind"),
    # what is shown, and the evidence of each index
    *(
        Column(f"{spec.name}_shown", "VARCHAR", f"What maps, lists and files show of the {spec.title}: its class, or why there is none", values=codes.shown(spec.classes))
        for spec in INDICES
    ),
    *(
        Column(f"evidence_{what}", "VARCHAR", f"Weight of the evidence behind what is said of {words}, A (strong) to D (weak)", values=("A", "B", "C", "D"))
        for what, words in (
            ("security", "clashes"), ("humanitarian", "displacement"), ("services", "services"), ("control", "control"),
        )
    ),
    # now
    _code("signal", "What the month says beside the township's own past, the first of them that holds: alert, rise, onset, fall, lull, none; unknown where too little is known", codes.Signal),
    _count("alert_from_count", "Clashes from which the month would be an alert: above every one of the twelve months before, at least two, and so many by chance in at most one month in twenty", "clashes", missing="fewer than twelve months before are known", adds=""),
    Column("alert_false_probability", "DOUBLE", "Chance of so many clashes in the month if the rate stayed that of the twelve months before (negative binomial): the chance of a false alert, told before the month is seen", "probability", low=0, high=1, adds="sum",
           zero="below 0.0000005", missing="fewer than twelve months before are known"),
    Column("alert_p_value", "DOUBLE", "Chance of the month's clashes or more if the rate stayed that of the twelve months before", "probability", low=0, high=1,
           zero="below 0.0000005", missing="the month or one of the twelve before is not known"),
    Column("alert_confirmed", "BOOLEAN", "Whether the alert was followed by a rise of a quarter that holds its month; told up to two months later", missing="no alert, or not yet known"),
    Column("quarter_p_value", "DOUBLE", "Chance of so uneven a split, in the direction seen, between the quarter and the year before it (normal approximation with continuity correction and dispersion)", "probability", low=0, high=1,
           zero="below 0.0000005", missing="no comparison"),
    _code("quarter_change_class", "The quarter against the year before it: rise or fall under a false discovery rate of 5 % over the townships of the month, else limited change", codes.ChangeClass),
    _count("clashes_before_count", "Clashes placed in the township in the twelve months before the quarter", "clashes", missing="one of the months is not known", adds=""),
    # summaries
    *(
        _count(f"signal_{signal}_count", f"Townships whose signal of the month is {signal}", "townships")
        for signal in codes.Signal
    ),
    Column("alerts_false_expected", "DOUBLE", "Alerts to expect in the month if every township's rate stayed that of its year before: the sum of alert_false_probability", "townships, expected", low=0, adds="sum",
           missing="it can be told of no township"),
    *(
        _count(f"security_step_{step}_count", f"Townships of step {step} of intensity", "townships")
        for step in range(5)
    ),
    _count("townships_count", "Townships in the scope", "townships"),
    _count("in_conflict_count", "Townships in conflict", "townships"),
    Column("in_conflict_estimate", "DOUBLE", "Townships in conflict at least, those without a recorded clash among them (Chao's lower bound)", "townships", low=0, high=330, missing="no count is known, or no clash is recorded"),
    Column("in_conflict_estimate_low", "DOUBLE", "Lower end of the 95 % interval of that bound", "townships", low=0, high=330, missing="no count is known, or no clash is recorded"),
    Column("in_conflict_estimate_high", "DOUBLE", "Upper end of that interval; townships of unknown count are in it", "townships", low=0, high=330, missing="no count is known, or no clash is recorded"),
    _share("in_conflict_share", "Townships in conflict as a share of all townships in the scope"),
    _count("security_high_count", "Townships of class high on security", "townships"),
    _count("security_low_count", "Townships of class low on security", "townships"),
    Column("security_high_expected", "DOUBLE", "Expected number of townships whose underlying clash rate is at or above the cut: the sum of security_high_probability", "townships", low=0, adds="sum",
           missing="no clash source"),
    _count("security_high_low", "Lower end of the 95 % interval of that number; townships of unknown count are taken as below the cut", "townships", adds=""),
    _count("security_high_high", "Upper end of that interval; townships of unknown count are taken as above the cut", "townships", adds=""),
    _count("humanitarian_high_count", "Townships in conflict with high displacement", "townships"),
    _count("humanitarian_low_count", "Townships in conflict with lower displacement", "townships"),
    _count("humanitarian_no_new_count", "Townships in conflict where a report says no new displacement", "townships"),
    _count("humanitarian_insufficient_count", "Townships in conflict without a displacement report", "townships"),
    _count("services_severe_count", "Townships in conflict with severe loss of services", "townships"),
    _count("services_lower_count", "Townships in conflict with lower loss of services", "townships"),
    _count("services_insufficient_count", "Townships in conflict without enough service records", "townships"),
    _count("services_severe_certain_count", "Of the severe, those that are so whatever their unknown items are", "townships"),
    _count("services_severe_likely_count", "Of the severe, those that are so by the mean of their known items; their unknown items could change it", "townships"),
    _share("services_severe_known_share", "Severe among the townships in conflict that have a class of services", missing="no township in conflict has one"),
    _share("services_severe_turning_share", "Share of severe that the townships in conflict without a class would need, to move the country's share of severe up by the stated step", missing="even all of them severe would not move it so far, or none has or lacks a class"),
    Column("services_severe_turning_ratio", "DOUBLE", "The same over the share of severe among those that have a class: how many times worse off the silent would have to be", "times", low=1, missing="no such share, or none of the known is severe"),
    _count("services_severe_low", "Townships in conflict that are severe whatever their unknown service items are", "townships"),
    _count("services_severe_high", "Townships in conflict that are severe if all their unknown service items are lost", "townships"),
    _count("idps_reporting_count", "Townships with a displacement figure", "townships"),
    *(_count(f"evidence_{grade.lower()}_count", f"Townships of evidence grade {grade}", "townships") for grade in "ABCD"),
    _share("control_lost_townships_share", "Share of townships of class high on security"),
    _share("control_lost_area_share", "Share of area in townships of class high on security"),
    _share("control_lost_population_share", "Share of people in townships of class high on security",
           missing="no population figures"),
    # territorial control
    _text("scope", "national, or one of the 15 states and regions"),
    _code("basis", "Which evidence the share rests on", codes.Basis),
    _code("measure", "What is added up: townships, their area or people by the state of each; exact_area adds up the area that each side itself holds, as records of shares give it", codes.ShareMeasure),
    _share("lost_share", "Lost, as a share of the total", missing="nothing is known on this basis"),
    _share("lost_low", "Lower end: lost as far as known", missing="the total is unknown"),
    _share("lost_high", "Upper end: lost if every unknown township that may be lost were; one with an office known to be open may not by administration",
           missing="the total is unknown"),
    _share("lost_expected_share", "Expected share of the total in townships whose underlying clash rate is at or above the cut; townships of unknown count add nothing",
           missing="another basis than the Security Index, or no count or total is known"),
    _share("lost_interval_low", "Lower end of the 95 % interval of that share; townships of unknown count are taken as not lost, as in lost_low",
           missing="another basis than the Security Index, or the total is unknown"),
    _share("lost_interval_high", "Upper end of that interval; townships of unknown count are taken as lost, as in lost_high",
           missing="another basis than the Security Index, or the total is unknown"),
    _share("contested_share", "Contested, as a share of the total; of a township, as a share of its area", missing="nothing is known on this basis, or the record gives no such share"),
    _share("held_share", "Neither lost nor contested, as a share of the total", missing="nothing is known on this basis"),
    _share("unknown_share", "Without evidence on this basis, as a share of the total; of a township, what its record leaves open of its area", missing="the total is unknown, or the record names a controller and no share"),
    Column("lost_value", "DOUBLE", "Lost townships, km2 or persons", "as the measure", low=0, adds="sum"),
    Column("known_value", "DOUBLE", "Townships, km2 or persons with evidence on this basis", "as the measure", low=0, adds="sum"),
    Column("compared_value", "DOUBLE", "Townships, km2 or persons with evidence both on this basis and by the Security Index", "as the measure",
           zero="nothing is known on both", missing="the row is that of the Security Index, or the total is unknown", low=0, adds="sum"),
    Column("differs_from_security_value", "DOUBLE", "Of compared_value, what is in another state on this basis than by the Security Index; that one knows nothing contested", "as the measure",
           zero="wherever both have evidence they say the same", missing="the row is that of the Security Index, or nothing can be compared", low=0, adds="sum"),
    Column("total_value", "DOUBLE", "All townships, km2 or persons of the scope", "as the measure", low=0, adds="sum"),
    # events
    _text("event_id", "The source's own id of the event"),
    _date("event_date", "First day of the event"),
    _date("event_date_end", "Last day of the event"),
    _text("actor1", "First party as the source names it; for analysts, in no release", missing="not stated"),
    _text("actor2", "Second party as the source names it; for analysts, in no release", missing="not stated"),
    _text("source_status", "How settled the source itself calls the record (UCDP: Clear, or what is not)", missing="not stated"),
    _code("event_class", "What kind of event the method takes it for; a source need not record every class, and of one that it does not record it says nothing", codes.EventClass),
    _code("geo_precision", "How closely the source locates the record", codes.GeoPrecision),
    _code("date_precision", "How closely the source dates the record", codes.DatePrecision),
    _code("placed_by", "How the record got its township", codes.PlacedBy),
    Column("distance_km", "DOUBLE", "Distance from the point to the township it was given to", "km", low=0, high=5),
    Column("point_distance_km", "DOUBLE", "How far the record's own exact point lies from the township that its name or code gives, where it denies it", "km", low=0, missing="the point lies within 5 km, there is none of its own, or the shapes are schematic"),
    _text("candidate_pcodes", "P-codes of the townships where the event may have happened, in ascending order with a space between: both ends of a line, all townships of a district or city; \"none\" where it may lie in a whole state or further"),
    _count("events_count", "Events of the class that the row stands for", "events",
           zero="never written: without a row none was reported, but only of a class that the source records and where it covers the township; else unknown"),
    _count("precise_count", "Of these, located at township level or better", "events"),
    # editions
    _date("edition_date", "Day in Myanmar at whose end the deliveries in force of the leading clash source differed from before"),
    Column("clashes_month_change", "BIGINT", "clashes_month_count minus that of the edition before", "clashes", adds="sum",
           zero="the edition counts as many", missing="the first edition shown that holds the month"),
    Column("in_conflict_change", "BIGINT", "in_conflict_count minus that of the edition before", "townships",
           zero="the edition counts as many", missing="the first edition shown that holds the month"),
    Column("security_high_change", "BIGINT", "security_high_count minus that of the edition before", "townships",
           zero="the edition counts as many", missing="the first edition shown that holds the month"),
    _count("townships_reclassified_count", "Townships whose class of the Security Index differs from the edition before", "townships",
           adds="", missing="the first edition shown that holds the month"),
    _share("clashes_known_share", "clashes_month_count as a share of the newest edition's; 1 also where the source took events out later, which the changes show",
           missing="the newest edition counts no clash in the month"),
    Column("provisional", "BOOLEAN", "The month ends in the last weeks before the day up to which the leading clash source is known, or rests on candidate events: read it as under-reported"),
    Column("in_publication_lag", "BOOLEAN", "The month ended less than the publication lag of the method before the newest report of the leading clash source: its figures are still coming in, it never leads, and nothing is called a fall or a lull in it"),
    # several sources of clashes
    _text("clash_source", "The one source whose clashes are counted; others that were delivered are never added", missing="no clash source"),
    _text("source_a", "Key of the first source of the pair; the pair is in alphabetical order"),
    _text("source_b", "Key of the second source of the pair"),
    _text("event_id_a", "Id of the event in source_a"),
    _text("event_id_b", "Id of the event in source_b"),
    _text("second_source", "The source that the leading one is compared with: of clashes, or of counts that others made"),
    _code("probability_bin", "Stated P(high) of the leading source in per cent, from the first number to below the second; all: every township compared", codes.ProbabilityBin),
    Column("probability_mean", "DOUBLE", "Mean P(high) that the leading source states of these townships", "probability", low=0, high=1),
    _count("second_high_count", "Of these, townships that the second source too calls high, at second_cut_count", "townships"),
    _share("second_high_share", "second_high_count over townships_count"),
    Column("calibration_error", "DOUBLE", "How far probability_mean and second_high_share lie apart; of the row all the mean over the bins, weighted by their townships", "share, 0 to 1", low=0, high=1),
    _count("cut_count", "Clashes from which the leading source calls a township high", "clashes", adds=""),
    _count("second_cut_count", "Clashes of the second source from which it calls as many townships high as the first states expected", "clashes", adds=""),
    _count("leading_clashes_count", "Clashes of the leading source in the window, in the townships compared", "clashes"),
    _count("second_clashes_count", "Clashes of the second source in the window, in the townships compared", "clashes"),
    Column("detection_ratio", "DOUBLE", "leading_clashes_count over second_clashes_count: clashes that the leading source holds for each one of the second", "ratio", low=0, missing="the second source holds none"),
    Column("days_apart", "BIGINT", "Days between the first days of the two events", "days", low=0),
    Column("actors_agree", "BOOLEAN", "Both sources name a party that is the same; false where one names none that is known"),
    _count("months_count", "Months that both sources cover", "months", zero="no month in common", adds=""),
    _count("township_months_count", "Townships times the months that both sources cover", "township-months", adds=""),
    _count("both_count", "Of these, with a clash in both sources", "township-months", adds=""),
    _count("only_a_count", "Of these, with a clash in source_a only", "township-months", adds=""),
    _count("only_b_count", "Of these, with a clash in source_b only", "township-months", adds=""),
    _count("neither_count", "Of these, without a clash in either source", "township-months", adds=""),
    _share("agreement_share", "Township-months on which both sources say the same: clash or none", missing="no month in common"),
    Column("kappa", "DOUBLE", "Cohen's kappa of clash or none by township-month: agreement beyond chance", "1 is full agreement, 0 that of chance", low=-1, high=1,
           missing="one answer everywhere in both sources, or no month in common"),
    Column("rank_correlation", "DOUBLE", "Spearman's correlation of the two counts of clashes over the townships", "-1 to 1", low=-1, high=1,
           missing="a source counts the same everywhere, or no month in common"),
    _count("events_a_count", "Clashes of source_a placed in a township", "clashes", zero="source_b reports some there and source_a none", adds=""),
    _count("events_b_count", "Clashes of source_b placed in a township", "clashes", zero="source_a reports some there and source_b none", adds=""),
    _count("matched_count", "Pairs of a clash of each source that may be the same: same township, few days apart, parties not at odds", "pairs", adds=""),
    _count("matched_by_chance_count", "Pairs that the same rule finds where none can be true, the clashes of source_b taken 28 days later: up to so many of the matched may be chance", "pairs", adds=""),
    Column("events_estimate", "DOUBLE", "Clashes estimated to have happened, whether either source holds them or not (Chapman's estimator), every matched pair taken as one clash: the lower of two ends", "clashes", low=0,
           missing="no pair was matched"),
    Column("events_estimate_low", "DOUBLE", "Lower end of the 95 % interval of the estimate (log-normal for the clashes in neither source)", "clashes", low=0,
           missing="no pair was matched"),
    Column("events_estimate_high", "DOUBLE", "Upper end of the 95 % interval of the estimate", "clashes", low=0, missing="no pair was matched"),
    Column("events_estimate_without_chance", "DOUBLE", "The same estimate with the pairs that may be chance taken off the matched ones: the upper of two ends, as events_estimate is the lower", "clashes", low=0,
           missing="no more pairs were matched than chance would match"),
    Column("events_estimate_without_chance_low", "DOUBLE", "Lower end of its 95 % interval", "clashes", low=0, missing="no more pairs were matched than chance would match"),
    Column("events_estimate_without_chance_high", "DOUBLE", "Upper end of its 95 % interval", "clashes", low=0, missing="no more pairs were matched than chance would match"),
    Column("events_estimate_variance", "DOUBLE", "Variance of the estimate (Seber 1970)", "clashes squared", low=0, missing="no pair was matched"),
    _text("assumptions_note", "Which assumptions of the estimate are broken for this pair, or why there is none"),
    # scenarios and what they move
    _code("index_name", "Which of the three indices the row is about", codes.IndexName),
    _text("scenario", "The scenario's settings, choice=alternative, in the order of the choices; at most one differs from the method's own"),
    Column("is_baseline", "BOOLEAN", "The scenario is the method itself"),
    _text("choice", "Defensible choice of the method that was varied"),
    _text("townships_moved_by", "The alternative of the choice that moves most townships", missing="no alternative moves any"),
    _count("scenarios_count", "Scenarios of the index: the method itself and each single change of it", "scenarios", adds=""),
    _count("alternatives_count", "Alternatives of the choice beside the method's own", "alternatives", adds=""),
    _count("townships_moved_count", "Townships whose class differs from the method's own", "townships", adds=""),
    _count("worst_class_count", "Townships in the index's worst class (high or severe)", "townships", adds=""),
    _share("scenario_control_share", "Share of townships lost: class high for security, both offices closed for services", missing="the index gives no share of control"),
    _share("control_share_low", "Lowest share of townships lost over the alternatives of the choice, the others as in the method", missing="the index gives no share of control"),
    _share("control_share_high", "Highest share of townships lost over the alternatives of the choice, the others as in the method", missing="the index gives no share of control"),
    Column("rank_shift_mean", "DOUBLE", "Mean over the townships, of those known in both, of how many ranks each stands from its rank in the method itself; by clashes, displaced people as shown or loss of services", "ranks", low=0,
           missing="fewer than two townships are known in both"),
    *(
        _share(f"{index}_kept_share", f"Share of the {index} index's scenarios in which the township keeps its class", missing="no scenario has a figure to class: no clash, or no data, under any choice")
        for index in codes.IndexName
    ),
    *(
        _count(f"{index}_scenarios_count", f"Scenarios of the {index} index whose clash source covers the month", "scenarios", adds="")
        for index in codes.IndexName
    ),
    *(
        _text(f"{index}_changed_by", f"The single changes that give the township another {index} class, choice=alternative", missing="no single change does")
        for index in codes.IndexName
    ),
    # current intensity and its scorecard
    Column("expected_clashes_next_3m", "DOUBLE", "Clashes to expect in the township in the three months after the month, as recorded and placed by the leading source", "clashes", low=0,
           missing="the source does not say what its silence about the township means, or too few months came before"),
    Column("interval_low", "BIGINT", "Lower end of the 90 % interval of that number; with every unknown neighbour as quiet as its reports allow", "clashes", low=0, missing="as expected_clashes_next_3m"),
    Column("interval_high", "BIGINT", "Upper end of that interval; with every unknown neighbour as active as any township", "clashes", low=0, missing="as expected_clashes_next_3m"),
    _share("any_probability", "Probability of at least one clash in these three months", missing="as expected_clashes_next_3m"),
    _share("four_or_more_probability", "Probability of four clashes or more in these three months", missing="as expected_clashes_next_3m"),
    Column("rank", "BIGINT", "Rank by expected clashes among the townships that have them, 1 the most; ties share the best rank", "rank", low=1, missing="as expected_clashes_next_3m"),
    Column("rank_low", "BIGINT", "Best rank (nearest 1) of the 90 % interval of the rank of the rate that lies behind the clashes to come", "rank", low=1, missing="as expected_clashes_next_3m"),
    Column("rank_high", "BIGINT", "Rank farthest from 1 of the same interval", "rank", low=1, missing="as expected_clashes_next_3m"),
    _count("horizon_months", "Months after the month that a statement is about", "months", adds=""),
    _code("predictor", "What made the statement", codes.Predictor),
    _code("metric", "How the statement is held against what came", codes.Metric),
    # explanations
    Column("value", "DOUBLE", "The figure of the row: what the class is made from (clashes, displaced people as shown, or the loss of services), or the metric of a statement", "as value_unit; of a metric: nats for the log score, else 0 to 1",
           missing="not reported, or withheld; of a metric: nothing came that it could be worked out from"),
    _text("value_unit", "Unit of the value"),
    _text("class_now", "Class of the index in the month"),
    _text("nearest_class", "The other class that takes the least to reach", missing="no other class can be told"),
    Column("distance", "DOUBLE", "How much the value would have to change to reach it; below zero where it would have to fall", "as distance_unit", missing="no other class can be told, or withheld"),
    _text("distance_unit", "Unit of the distance", missing="no other class can be told"),
    _text("explanation", "The same as a sentence"),
    _text("delivery_ids", "Deliveries the value rests on, in alphabetical order", missing="no delivery holds a record of it"),
    # rates
    Column("clashes_per_1000_km2", "DOUBLE", "Clashes in the window by area", "clashes per 1,000 km2", low=0, zero="no clash", missing="the count is not known"),
    Column("clashes_per_1000_km2_smoothed", "DOUBLE", "The same drawn towards the national rate as far as the township's count is weak (empirical Bayes)", "clashes per 1,000 km2", low=0, missing="the count is not known"),
    Column("clashes_per_100000_persons", "DOUBLE", "Clashes in the window by population", "clashes per 100,000 persons", low=0, zero="no clash", missing="the count is not known, or no population figure"),
    Column("clashes_per_100000_persons_smoothed", "DOUBLE", "The same drawn towards the national rate as far as the township's count is weak (empirical Bayes)", "clashes per 100,000 persons", low=0,
           missing="the count is not known, or no population figure"),
    Column("fatalities_per_100000_persons", "DOUBLE", "Deaths in the clashes counted by population", "deaths per 100,000 persons", low=0, missing="no deaths or no population figure known"),
    Column("idps_per_100000_persons", "DOUBLE", "Displaced people as shown by population", "displaced per 100,000 persons", low=0, missing="not reported, withheld, or no population figure"),
    # neighbours and space
    _pcode("neighbour_pcode", "Township P-code of the neighbour", PCODE_PATTERN),
    _code("neighbour_basis", "Whether they share a border, or the neighbour is the nearest of a township without any", codes.NeighbourBasis),
    Column("morans_i", "DOUBLE", "Global Moran's I of ln(1 + clashes in the window), row-standardised neighbours", "1 alike neighbours, about 0 no pattern", missing="the counts do not vary, or too few are known"),
    Column("morans_i_expected", "DOUBLE", "What it would be without any pattern: -1/(n-1)", missing="the counts do not vary, or too few are known"),
    Column("morans_i_p_value", "DOUBLE", "Pseudo p-value of Moran's I by permutation, one-sided (as high or higher)", "probability", low=0, high=1, missing="the counts do not vary, or too few are known"),
    _count("permutations_count", "Permutations behind the pseudo p-value of Moran's I", "permutations", adds=""),
    _count("local_permutations_count", "Permutations behind each township's pseudo p-values", "permutations", adds=""),
    _count("hot_spots_count", "Townships that are hot spots under the false-discovery rate", "townships", adds=""),
    _count("cold_spots_count", "Townships that are cold spots under the false-discovery rate", "townships", adds=""),
    Column("local_morans_i", "DOUBLE", "Local Moran's I of ln(1 + clashes in the window)", missing="the counts do not vary, or too few are known here"),
    Column("local_morans_p_value", "DOUBLE", "Pseudo p-value of the local Moran's I by conditional permutation, two-sided", "probability", low=0, high=1, missing="the counts do not vary, or too few are known here"),
    _code("local_cluster", "Quadrant of the local Moran where significant under the false-discovery rate", codes.LocalCluster),
    Column("getis_ord_z", "DOUBLE", "Getis-Ord Gi* of ln(1 + clashes in the window), the township included, as a z-value", "standard deviations", missing="the counts do not vary, or too few are known here"),
    Column("getis_ord_p_value", "DOUBLE", "Pseudo p-value of Gi* by conditional permutation, two-sided; by construction the same as that of the local Moran's I", "probability", low=0, high=1,
           missing="the counts do not vary, or too few are known here"),
    _code("hot_spot_class", "Hot or cold spot where Gi* is significant under the false-discovery rate", codes.HotSpot),
    # time
    _count("clashes_previous_month_count", "Clashes placed in the township in the month before", "clashes", missing="no month before, or not covered", adds=""),
    Column("change_p_value", "DOUBLE", "How often chance alone would split the clashes of both months so unevenly, by their days (exact binomial, twice the smaller tail)", "probability", low=0, high=1,
           zero="below 0.0000005", missing="no comparison"),
    _code("change_class", "Rise or fall where chance is an unlikely reason, else limited change", codes.ChangeClass),
    Column("is_onset", "BOOLEAN", "Clashes begin again or for the first time, after six months or more without any", missing="too little is known of the months before"),
    Column("is_lull", "BOOLEAN", "Three whole months without a clash after a year with at least twelve", missing="too little is known of the months before"),
    _count("clashes_year_maximum_count", "Most clashes of any of the twelve months before", "clashes", missing="fewer than twelve months before are known", adds=""),
    Column("is_alert", "BOOLEAN", "Clashes at or above alert_from_count: at least two, more than in any of the twelve months before, and unlikely at their rate", missing="fewer than twelve months before are known"),
    _count("townships_compared_count", "Townships whose month can be compared with the month before", "townships"),
    _count("rises_count", "Townships with a rise", "townships", missing="no township can be compared", adds=""),
    _count("falls_count", "Townships with a fall", "townships", missing="no township can be compared", adds=""),
    Column("changes_by_chance_expected", "DOUBLE", "Rises and falls to expect if no township's rate of clashes had changed: what the counts are to be read against", "townships, expected", low=0,
           missing="no township can be compared"),
    _count("onsets_count", "Townships with an onset", "townships", missing="it cannot be told of every township of the scope", adds=""),
    _count("lulls_count", "Townships in a lull", "townships", missing="it cannot be told of every township of the scope", adds=""),
    _count("alerts_count", "Townships above their own maximum of the year before", "townships", missing="it cannot be told of every township of the scope", adds=""),
    # deliveries and accounts
    _text("delivery_id", "Hash of the content: the same content has the same id"),
    _code("kind", "What the file holds", codes.Kind),
    _text("format", "Format recognised by the file's header"),
    _text("source", "Source as the delivery names it"),
    _text("source_key", "Source of the records: its family, and after a colon the team where the family has several"),
    _text("licence", "Licence of the source"),
    _text("file_name", "Name of the file as received; it is published as it is, so it must name no person and no site"),
    _text("sha256", "SHA-256 of the file as received"),
    _date("received_at", "Day of receipt in Myanmar; the time of day stands in the manifest"),
    _date("reference_date", "Day the figure stands for"),
    _date("survey_date", "Day the services were asked about"),
    _code("absence_means", "What silence about a township means in this source", codes.Absence),
    _count("rows_count", "Rows in the file", "rows"),
    _count("rows_used_count", "Rows that became current records", "rows"),
    _count("rows_set_aside_count", "Rows not used, each with its reason", "rows"),
    _count("rows_contradicted_count", "Rows used whose own exact point lies more than 5 km outside the township that their name or code gives; counted where the text says", "rows"),
    _date("first_date", "Earliest date among the rows used", missing="no dated row used"),
    _date("last_date", "Latest date among the rows used", missing="no dated row used"),
    Column("row_number", "BIGINT", "Line of the file, counted as a reader of the file counts (header included)", "line", low=1),
    _code("reason", "Why the rows were set aside", codes.Reason),
    _text("column_name", "Column that the reason is about", missing="the whole row"),
    _text("found", "What was found there (first 80 characters), the terms that are known where it is none, and other columns of the row at fault", missing="blank"),
    _text("updated_at", "The source's own time of revision, as text; of a township report in UTC, so that later is greater", missing="not stated"),
    _text("extra", "Columns that the format does not know, as JSON", missing="none"),
    _text("attributes", "All attributes of the feature as delivered, as JSON"),
    # corrections
    _text("correction_id", "Id of the entry in corrections.toml"),
    _code("correction_action", "What the entry does: replace a value, set a row aside, or accept a figure", codes.CorrectionAction),
    _date("correction_date", "Knowledge date from which the entry holds"),
    _date("correction_expires", "Day by which the entry must be renewed or removed"),
    _text("correction_reason", "Why, in the team's own words", missing="the entry is an instance's own and its words stay there"),
    _text("was", "Value as delivered", missing="no single value is meant"),
    _text("becomes", "Value that took its place", missing="the row was set aside or accepted as it is"),
    # comparison
    _text("figure", "Name of the published figure"),
    Column("published_value", "DOUBLE", "Value as published", "as published_unit"),
    _text("published_unit", "Unit of the published value"),
    _date("published_reference_date", "Day the published figure stands for"),
    _text("published_source", "Who published it"),
    Column("our_value", "DOUBLE", "The same figure computed from these records to the published figure's own day", "as published_unit", missing="not computable from the records at hand, or the release ends before that day"),
    Column("difference", "DOUBLE", "our_value minus published_value", "as published_unit", missing="our_value is missing"),
    Column("comparable", "BOOLEAN", "Whether both figures, or both sources, mean the same thing"),
    _text("note", "Why the figures may differ"),
    # actors and dialogue
    _text("counterpart", "The party the row is seen from"),
    _text("actor", "Organisation"),
    _text("bloc", "Alliance or framework it belonged to", missing="none"),
    _text("conflict_status", "State of fighting or ceasefire"),
    _text("dialogue_status", "State of contact or dialogue"),
)  # fmt: skip

COLUMNS: dict[str, Column] = {column.name: column for column in _ALL}

if len(COLUMNS) != len(_ALL):
    twice = sorted({c.name for c in _ALL if sum(o.name == c.name for o in _ALL) > 1})
    raise ValueError(f"columns declared twice: {', '.join(twice)}")
