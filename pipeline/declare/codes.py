"""Enumerations: every word a coded column may hold, once, with what it means."""

from enum import StrEnum


class Kind(StrEnum):
    """What an input folder holds."""

    BOUNDARIES = "boundaries"
    CLASHES = "clashes"
    DISPLACEMENT = "displacement"
    SERVICES = "services"
    CONTROL = "control"
    POPULATION = "population"
    SIGNS = "signs"
    CLASH_COUNTS = "clash_counts"


class EventClass(StrEnum):
    CLASH = "clash"
    VIOLENCE_AGAINST_CIVILIANS = "violence_against_civilians"
    OTHER = "other"


class GeoPrecision(StrEnum):
    EXACT = "exact"
    TOWNSHIP = "township"
    DISTRICT = "district"
    REGION = "region"
    COUNTRY = "country"


TOWNSHIP_OR_BETTER = (GeoPrecision.EXACT, GeoPrecision.TOWNSHIP)


class DatePrecision(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class PlacedBy(StrEnum):
    """How a record got its township."""

    PCODE = "pcode"
    LONGER_PCODE = "longer_pcode"  # that of a town, ward or village tract within the township
    CROSSWALK = "crosswalk"
    NAME = "name"
    ALIAS = "alias"
    COORDINATES = "coordinates"
    NEAREST = "nearest"


class Absence(StrEnum):
    """What a source's silence about a township means."""

    ZERO = "zero"
    UNKNOWN = "unknown"


class NewIs(StrEnum):
    """What `idps_new_persons` of a delivery holds: the running total since the coup, or each row's own period."""

    TOTAL = "total"
    PERIOD = "period"


class ServiceState(StrEnum):
    YES = "yes"
    PARTIAL = "partial"
    NO = "no"
    UNKNOWN = "unknown"


SERVICE_ITEMS = ("police_station", "gad_office", "electricity", "water_supply", "salaries")
# What a sign may be about: the five items, and communications, which are none of them.
SIGN_ITEMS = (*SERVICE_ITEMS, "communications")


class SignDirection(StrEnum):
    """What a sign points to."""

    LOSS = "loss"
    NONE = "none"


class SignBasis(StrEnum):
    """What a sign rests on: what somebody states, or light measured from space."""

    STATEMENT = "statement"
    LIGHTS_BY_YEAR = "lights_by_year"
    LIGHTS_BY_MONTH = "lights_by_month"


class SignStrength(StrEnum):
    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"


class Controller(StrEnum):
    STATE = "state"
    CONTESTED = "contested"
    RESISTANCE = "resistance"
    OTHER = "other"
    UNKNOWN = "unknown"


class Side(StrEnum):
    """What a holder on a map or of a town stands for; what is to be ignored is neither read nor counted."""

    STATE = "state"
    CONTESTED = "contested"
    RESISTANCE = "resistance"
    OTHER = "other"
    IGNORE = "ignore"


# Column of a record with the share of the township's area that each side holds.
CONTROL_SHARES = ("state_share", "contested_share", "resistance_share", "other_share")


class SecurityClass(StrEnum):
    HIGH = "high"
    LOW = "low"
    NOT_IN_CONFLICT = "not_in_conflict"
    INSUFFICIENT_DATA = "insufficient_data"


class HumanitarianClass(StrEnum):
    HIGH = "high"
    LOW = "low"
    NO_NEW_IDPS = "no_new_idps"
    NOT_IN_CONFLICT = "not_in_conflict"
    INSUFFICIENT_DATA = "insufficient_data"


class ServicesClass(StrEnum):
    SEVERE = "severe"
    LOWER = "lower"
    NOT_IN_CONFLICT = "not_in_conflict"
    INSUFFICIENT_DATA = "insufficient_data"


class ServicesCertainty(StrEnum):
    """What a class of services rests on: certain whatever is unknown, or the mean of the items that are known."""

    CERTAIN = "certain"
    LIKELY = "likely"


class DisplacementClass(StrEnum):
    """Of displaced people, by their number and by their share of the population; clashes play no part."""

    HIGH = "high"
    LOW = "low"
    NONE = "none"
    INSUFFICIENT_DATA = "insufficient_data"


class DisplacementChange(StrEnum):
    """The figure of displaced people in force beside that of the month before."""

    RISE = "rise"
    FALL = "fall"
    UNCHANGED = "unchanged"
    FIRST_FIGURE = "first_figure"
    OTHER_BASIS = "other_basis"
    LAPSED = "lapsed"
    NO_FIGURE = "no_figure"
    NO_COMPARISON = "no_comparison"


class IdpsBasis(StrEnum):
    NEW = "new"
    STOCK = "stock"


STALE = "clashes_recent"  # the rule that fails where the newest clash is so old that the months since are not known
NATIONAL = "national"  # the scope of the whole country, beside the names of states and regions


class ProbabilityBin(StrEnum):
    """Stated P(high) in per cent, from the first number to below the second; `all` is every township."""

    ALL = "all"
    BELOW_1 = "below_1"
    FROM_1 = "1_to_5"
    FROM_5 = "5_to_25"
    FROM_25 = "25_to_50"
    FROM_50 = "50_to_75"
    FROM_75 = "75_to_95"
    FROM_95 = "95_to_99"
    FROM_99 = "99_or_more"


class Predictor(StrEnum):
    """What made a statement about the next months: the current intensity, or what takes no model."""

    CURRENT_INTENSITY = "current_intensity"
    PERSISTENCE = "persistence"
    NATIONAL_MEAN = "national_mean"
    CUMULATIVE = "cumulative"
    ROLLING = "rolling"


class Metric(StrEnum):
    """How a statement is held against what came; of the log score alone a lower one is better."""

    LOG_SCORE = "log_score"
    COVERAGE = "interval_coverage"
    AUC_ANY = "auc_any"
    AUC_FOUR = "auc_four_or_more"
    TOP_SHARE = "top_50_share"


class Basis(StrEnum):
    """Which evidence a share of lost control rests on; the three are never merged."""

    SECURITY_INDEX = "security_index"
    ADMINISTRATION = "administration"
    OBSERVED = "observed"


class Measure(StrEnum):
    TOWNSHIPS = "townships"
    AREA = "area"
    POPULATION = "population"


class ShareMeasure(StrEnum):
    """What a share of territory is a share of: townships by their state, or the area that each side itself holds."""

    TOWNSHIPS = Measure.TOWNSHIPS
    AREA = Measure.AREA
    POPULATION = Measure.POPULATION
    EXACT_AREA = "exact_area"


class IndexName(StrEnum):
    SECURITY = "security"
    HUMANITARIAN = "humanitarian"
    SERVICES = "services"


class ControlState(StrEnum):
    """What one basis says of a township; unknown and contested are states, never read as held."""

    LOST = "lost"
    CONTESTED = "contested"
    HELD = "held"
    UNKNOWN = "unknown"


class NeighbourBasis(StrEnum):
    BORDER = "border"
    NEAREST = "nearest"


class LocalCluster(StrEnum):
    """Quadrant of the local Moran scatterplot: the township first, its neighbours second."""

    HIGH_HIGH = "high_high"
    LOW_LOW = "low_low"
    HIGH_LOW = "high_low"
    LOW_HIGH = "low_high"
    NOT_SIGNIFICANT = "not_significant"
    INSUFFICIENT_DATA = "insufficient_data"


class HotSpot(StrEnum):
    HOT = "hot"
    COLD = "cold"
    NONE = "none"
    INSUFFICIENT_DATA = "insufficient_data"


class ChangeClass(StrEnum):
    """The month beside the month before."""

    RISE = "rise"
    FALL = "fall"
    LIMITED_CHANGE = "limited_change"
    NO_COMPARISON = "no_comparison"


class Signal(StrEnum):
    """What a township's month says beside its own past, by precedence."""

    ALERT = "alert"  # above every month of the year before, and unlikely at its rate
    RISE = "rise"  # the quarter against the year before, beyond chance
    ONSET = "onset"  # the first clash after six quiet months
    FALL = "fall"  # as rise, downwards
    LULL = "lull"  # none in three months after a year with at least twelve
    NONE = "none"
    UNKNOWN = "unknown"


class NoClass(StrEnum):
    """What stands for a township that has no class to show: what is not known looks like nothing else."""

    REPORTED_QUIET = "reported_quiet"  # no clash, and records of another kind report from the township
    SILENT = "silent"  # no clash, and nobody reports
    HOSTING_DISPLACED = "hosting_displaced"  # no clash, and displaced people live there
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"  # records, but too few for a class or for calling it quiet
    NO_DATA = "no_data"  # no record in force, or no source that covers it
    WITHHELD = "withheld"  # the figure behind it is 1 to 9 people


# Where no score and no probability stand: nothing says that the count of none means anything.
UNREACHED = (
    NoClass.SILENT.value, NoClass.INSUFFICIENT_EVIDENCE.value, NoClass.NO_DATA.value, NoClass.HOSTING_DISPLACED.value,
)  # fmt: skip


def shown(classes: type[StrEnum]) -> tuple[str, ...]:
    """The words of a shown class: the classes of an index that rest on records, and what stands for the others."""
    outside = ("not_in_conflict", "insufficient_data")
    withheld = () if classes is not HumanitarianClass else (str(NoClass.WITHHELD),)
    others = tuple(str(word) for word in NoClass if word != NoClass.WITHHELD)
    return (*(str(code) for code in classes if code not in outside), *others, *withheld)


class CorrectionAction(StrEnum):
    """What an entry of corrections.toml does."""

    REPLACE = "replace"
    SET_ASIDE = "set_aside"
    ACKNOWLEDGE = "acknowledge"


class Profile(StrEnum):
    """For whom a release is made."""

    PUBLIC = "public"  # for anyone: displaced people rounded to ten, 1 to 9 withheld
    INTERNAL = "internal"  # for the team alone: displaced people exactly, and nothing else more


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"


class Reason(StrEnum):
    """Why a row stands in records.set_aside, never used."""

    RAGGED_ROW = "ragged_row"
    NUL_BYTES = "nul_bytes"
    OVERSIZED_CELL = "oversized_cell"
    MISSING_VALUE = "missing_value"
    INVALID_DATE = "invalid_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    DATE_OUT_OF_RANGE = "date_out_of_range"
    DATES_REVERSED = "dates_reversed"
    INVALID_NUMBER = "invalid_number"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    UNKNOWN_TERM = "unknown_term"
    UNKNOWN_PCODE = "unknown_pcode"
    UNKNOWN_NAME = "unknown_name"
    AMBIGUOUS_NAME = "ambiguous_name"
    NAME_WITHOUT_STATE = "name_without_state"
    UNKNOWN_STATE = "unknown_state"
    NAME_NOT_IN_STATE = "name_not_in_state"
    NAME_CODE_DISAGREE = "name_code_disagree"
    SEVERAL_TOWNSHIPS = "several_townships"
    NO_PLACE = "no_place"
    INVALID_COORDINATES = "invalid_coordinates"
    SWAPPED_COORDINATES = "swapped_coordinates"
    OUTSIDE_COUNTRY = "outside_country"
    PRECISION_DISTRICT = "precision_district"
    PRECISION_REGION = "precision_region"
    PRECISION_COUNTRY = "precision_country"
    DUPLICATE_ROW = "duplicate_row"
    SUPERSEDED = "superseded"
    OUTWEIGHED = "outweighed"
    DELETED = "deleted"
    NOT_CONFIRMED = "not_confirmed"
    REUSED_NUMBER = "reused_number"
    CONTRADICTED = "contradicted"
    NOT_A_TOWNSHIP = "not_a_township"
    FORMULA_ERROR = "formula_error"
    NOT_CONFLICT = "not_conflict"
    NOT_RECOMMENDED = "not_recommended"
    NOT_APPROVED = "not_approved"
    BEFORE_WINDOW = "before_window"
    CORRECTED_OUT = "corrected_out"
    TOTAL_OF_PARTS = "total_of_parts"
    UNKNOWN_HOLDER = "unknown_holder"
    IGNORED_HOLDER = "ignored_holder"
    SHARES_DISAGREE = "shares_disagree"


# Set aside by rule of the method or of versioning, not because the row is faulty.
NOT_FAULTS = (
    Reason.PRECISION_DISTRICT,
    Reason.PRECISION_REGION,
    Reason.PRECISION_COUNTRY,
    Reason.DUPLICATE_ROW,
    Reason.SUPERSEDED,
    Reason.OUTWEIGHED,
    Reason.DELETED,
    Reason.NOT_CONFIRMED,
    Reason.NOT_A_TOWNSHIP,
    Reason.NOT_CONFLICT,
    Reason.NOT_RECOMMENDED,
    Reason.NOT_APPROVED,
    Reason.BEFORE_WINDOW,
    Reason.CORRECTED_OUT,
    Reason.TOTAL_OF_PARTS,
    Reason.IGNORED_HOLDER,
)

# The sentence a data team acts on; shown by `township-index set-aside` and on the quality page.
REASON_REMEDY: dict[Reason, str] = {
    Reason.RAGGED_ROW: "The row has more or fewer cells than the header; mend the quoting or the separator.",
    Reason.NUL_BYTES: "The row holds NUL bytes; export the file again.",
    Reason.OVERSIZED_CELL: "A cell is larger than 1 MB; an unclosed quote is the usual cause.",
    Reason.MISSING_VALUE: "A required cell is blank; fill it in.",
    Reason.INVALID_DATE: "Not an ISO date (YYYY-MM-DD) of the calendar; mend it or declare date_format.",
    Reason.AMBIGUOUS_DATE: "A spreadsheet may have exchanged day and month here; write the column as YYYY-MM-DD text.",
    Reason.DATE_OUT_OF_RANGE: "Dates run from 1989-01-01 to the day of receipt; mend the year.",
    Reason.DATES_REVERSED: "The end date lies before the start date; mend one of them.",
    Reason.INVALID_NUMBER: "Not a whole number; write digits only.",
    Reason.NUMBER_OUT_OF_RANGE: "The number is negative or absurdly large; mend it.",
    Reason.UNKNOWN_TERM: "The term is not one that the format or the method knows; use a listed term, or map "
    "the word to one by [values] in the sidecar.",
    Reason.UNKNOWN_PCODE: "Neither one of the 330 township codes nor in the crosswalk; mend the code.",
    Reason.UNKNOWN_NAME: "No township of that state bears this spelling; give the P-code.",
    Reason.AMBIGUOUS_NAME: "Two townships bear this name; give the state or the P-code.",
    Reason.NAME_WITHOUT_STATE: "A township name counts only with its state; add adm1_name or the P-code.",
    Reason.UNKNOWN_STATE: "The state or region is not one of the 18 units or 15 official ones; mend it.",
    Reason.NAME_NOT_IN_STATE: "The township exists, but in another state; mend name or state.",
    Reason.NAME_CODE_DISAGREE: "Name and P-code point to different townships; mend the wrong one.",
    Reason.SEVERAL_TOWNSHIPS: "A city, district or state of several townships; give each township's own row.",
    Reason.NO_PLACE: "No P-code, name or coordinates; add one.",
    Reason.INVALID_COORDINATES: "Coordinates are not numbers on the globe, or 0/0; mend them.",
    Reason.SWAPPED_COORDINATES: "Latitude and longitude are swapped; exchange the columns.",
    Reason.OUTSIDE_COUNTRY: "The point lies more than 5 km outside every township; mend it.",
    Reason.PRECISION_DISTRICT: "Located to a district or a city of several townships only: counted as unallocated.",
    Reason.PRECISION_REGION: "Located to a state, region or line only: counted as unallocated.",
    Reason.PRECISION_COUNTRY: "Located to the country only: counted as unallocated, in no township.",
    Reason.DUPLICATE_ROW: "The same record stands in the same file, equal in all that is read of it; remove one, or "
    "where both are parts of a township add a column that tells them apart.",
    Reason.SUPERSEDED: "A newer version of the same record was delivered; nothing to do.",
    Reason.OUTWEIGHED: "A record of that day with higher confidence, or one that names what this leaves open, holds.",
    Reason.DELETED: "The source withdrew the record; nothing to do.",
    Reason.NOT_CONFIRMED: "A candidate that UCDP's vetted or later release of these days does not hold; nothing to do.",
    Reason.REUSED_NUMBER: (
        "The number also stands for an event of another day and place; where numbers start again in each file write "
        'id_scope = "file" into the sidecars, where it is a correction state updated_at.'
    ),
    Reason.CONTRADICTED: (
        "Two rows of the file count the same township, day, class and precision differently; keep the one that holds, "
        "or add them up where each counts a part."
    ),
    Reason.NOT_A_TOWNSHIP: "A total or heading row, not a township; nothing to do.",
    Reason.FORMULA_ERROR: "The cell holds an error of the spreadsheet such as #DIV/0!; mend its formula.",
    Reason.NOT_CONFLICT: "Displacement by disaster, not by conflict; nothing to do.",
    Reason.NOT_RECOMMENDED: "Not the figure that the source recommends for adding up; nothing to do.",
    Reason.NOT_APPROVED: "The survey team did not approve the answer; approve it, or nothing to do.",
    Reason.BEFORE_WINDOW: "Displacement before 1 February 2021 is not new displacement here; nothing to do.",
    Reason.CORRECTED_OUT: "Taken out by data/reference/corrections.toml with its reason; nothing to do.",
    Reason.UNKNOWN_HOLDER: (
        "The holder has no side: name it in [holders] of the file's sidecar as state, contested, resistance, other or "
        "ignore."
    ),
    Reason.IGNORED_HOLDER: "The sidecar's [holders] says to ignore this holder; nothing to do.",
    Reason.SHARES_DISAGREE: (
        "The shares add up to more than one, or the controller is not the side that they give; mend one of them, or "
        "leave the controller blank."
    ),
    Reason.TOTAL_OF_PARTS: "The total of other rows of its township, which were added up; nothing to do.",
}
