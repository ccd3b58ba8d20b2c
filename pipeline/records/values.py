"""How a cell of text becomes a date, a number or a term: by rule, never by guess.

Every parser returns the value and leaves null where the rule does not hold; `triage` turns that into a
reason. Blank and the usual words for missing are missing, not wrong.
"""

import polars as pl

from pipeline.readers.formats import DATE_FORMATS

EARLIEST = "1989-01-01"  # UCDP's coding begins; nothing here is older
MISSING_WORDS = ("", "na", "n/a", "n.a.", "-", "–", "—", "none", "null", "no data", "not reported", "not available")
BURMESE_DIGITS = {burmese: str(digit) for digit, burmese in enumerate("၀၁၂၃၄၅၆၇၈၉")}
LARGEST_COUNT = 60_000_000  # more people than the country has

# [0-9], for \d knows the digits of every script, which no cast reads.
# Three zeros behind a point are a thousand to some and a fraction to others: neither is guessed.
_WHOLE = r"^[0-9]+(\.(0{0,2}|0{4,}))?$"
_GROUPED = r"^[0-9]{1,3}(,[0-9]{3})+(\.0*)?$"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_OUT_OF_RANGE = r"^-?([0-9]+(\.(0{0,2}|0{4,}))?|[0-9]{1,3}(,[0-9]{3})+(\.0*)?)$"
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MIDNIGHT = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"
_FORMULA_ERROR = r"(?i)^\s*#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|GETTING_DATA|SPILL!|CALC!|ERROR!)\s*$"
_EPOCH = r"^[0-9]{9,10}(\.0*)?$"


def text(name: str) -> pl.Expr:
    """The cell without surrounding blanks and invisible characters; null where it says missing."""
    cleaned = (
        pl.col(name).cast(pl.String).str.replace_all(r"\p{Cf}", "").str.replace_all("\u00a0", " ").str.strip_chars()
    )
    return pl.when(cleaned.str.to_lowercase().is_in(MISSING_WORDS)).then(None).otherwise(cleaned)


def is_stated(name: str) -> pl.Expr:
    return text(name).is_not_null()


def is_formula_error(name: str) -> pl.Expr:
    """Whether the cell shows an error of the spreadsheet: a value that was there to be had and is lost."""
    return pl.col(name).cast(pl.String).str.contains(_FORMULA_ERROR)


def whole_number(name: str) -> pl.Expr:
    """A count: digits, Burmese digits, 1,234 or 12.0. Null for fractions, 1.000, words, infinities, negatives."""
    plain = text(name).str.replace_many(BURMESE_DIGITS)
    digits = (
        pl.when(plain.str.contains(_WHOLE) | plain.str.contains(_GROUPED))
        .then(plain.str.replace_all(",", "").str.replace(r"\.0*$", ""))
        .otherwise(None)
    )
    number = digits.str.to_integer(strict=False, dtype=pl.Int64)
    return pl.when(number <= LARGEST_COUNT).then(number)


def is_integer(name: str) -> pl.Expr:
    """Whether the cell is a whole number of any size and sign: tells a number out of range from a word."""
    return text(name).str.replace_many(BURMESE_DIGITS).str.contains(_OUT_OF_RANGE)


def decimal(name: str) -> pl.Expr:
    """A finite decimal number; null otherwise ("nan" and "inf" are words here)."""
    plain = text(name).str.replace_many(BURMESE_DIGITS)
    return pl.when(plain.str.contains(_DECIMAL)).then(plain.str.to_lowercase()).cast(pl.Float64, strict=False)


def day(name: str, date_format: str = "date_format") -> pl.Expr:
    """An ISO date, with a time of day cut off; another order of day and month only where it was declared.

    `date_format` names the column that holds the delivery's declared strptime format, null for ISO. ISO dates
    are read beside a declared format too: a workbook's date cells come as ISO whatever its text cells hold.
    """
    cell = text(name).str.replace_many(BURMESE_DIGITS)
    iso = cell.str.replace(_MIDNIGHT, "")
    parsed = pl.when(iso.str.contains(_ISO)).then(iso).str.to_date("%Y-%m-%d", strict=False)
    declared = pl.lit(None, dtype=pl.Date)
    for known in DATE_FORMATS[1:]:
        declared = pl.when(pl.col(date_format) == known).then(cell.str.to_date(known, strict=False)).otherwise(declared)
    return pl.coalesce(parsed, declared)


def moment(name: str) -> pl.Expr:
    """A time of revision in UTC: an ISO date or date and time, with or without offset, or seconds since 1970.

    Revisions are compared, and as text "…T09:00+06:30" would come after "…T08:00Z", which is later.
    """
    cell = text(name)
    bare = cell.str.replace(r"(Z|[+-]\d{2}:?\d{2})$", "").str.replace("T", " ").str.replace(r"\.\d+$", "")
    full = (
        pl.when(cell.str.contains(_ISO))
        .then(cell + " 00:00:00")
        .when(bare.str.contains(r" \d{2}:\d{2}$"))
        .then(bare + ":00")
        .otherwise(bare)
    )
    local = full.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)
    offset = cell.str.extract_groups(r"[T ]\d{2}:\d{2}.*(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})$")
    minutes = offset.struct["hours"].cast(pl.Int64) * 60 + offset.struct["minutes"].cast(pl.Int64)
    ahead = pl.when(offset.struct["sign"] == "-").then(-minutes).otherwise(minutes).fill_null(0)
    fraction = cell.str.extract(r":\d{2}(\.\d+)").cast(pl.Float64, strict=False).fill_null(0.0)
    seconds = pl.when(cell.str.contains(_EPOCH)).then(cell).cast(pl.Float64, strict=False)
    epoch = (seconds * 1_000_000).cast(pl.Int64).cast(pl.Datetime("us"))
    return pl.coalesce(
        epoch, local - pl.duration(minutes=ahead) + pl.duration(microseconds=(fraction * 1_000_000).cast(pl.Int64))
    )


def moment_text(name: str) -> pl.Expr:
    """The same as text on one clock, so that later is greater: "2024-02-01T08:00:00.000000Z"."""
    return moment(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def within_time(parsed: pl.Expr, received: str = "received_at") -> pl.Expr:
    """Whether a date lies between 1989 and the day the file was received."""
    return parsed.is_between(pl.lit(EARLIEST).str.to_date(), pl.col(received))


def term(name: str) -> pl.Expr:
    """A coded word in lower case with single underscores for blanks and hyphens."""
    return text(name).str.to_lowercase().str.replace_all(r"[\s\-]+", "_")
