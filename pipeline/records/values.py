"""How a cell of text becomes a date, a number or a term: by rule, never by guess.

Every parser returns the value and leaves null where the rule does not hold; `triage` turns that into a
reason. Blank and the usual words for missing are missing, not wrong.
"""

import polars as pl

EARLIEST = "1989-01-01"  # UCDP's coding begins; nothing here is older
MISSING_WORDS = ("", "na", "n/a", "n.a.", "-", "–", "—", "none", "null", "no data", "not reported", "not available")
BURMESE_DIGITS = {burmese: str(digit) for digit, burmese in enumerate("၀၁၂၃၄၅၆၇၈၉")}
LARGEST_COUNT = 60_000_000  # more people than the country has

_WHOLE = r"^\d+(\.0*)?$"
_GROUPED = r"^\d{1,3}(,\d{3})+(\.0*)?$"
_DECIMAL = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_MIDNIGHT = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"


def text(name: str) -> pl.Expr:
    """The cell without surrounding blanks and invisible characters; null where it says missing."""
    cleaned = pl.col(name).cast(pl.String).str.replace_all(r"[\p{Cf}\u00a0]", " ").str.strip_chars()
    return pl.when(cleaned.str.to_lowercase().is_in(MISSING_WORDS)).then(None).otherwise(cleaned)


def is_stated(name: str) -> pl.Expr:
    return text(name).is_not_null()


def whole_number(name: str) -> pl.Expr:
    """A count: digits, Burmese digits, 1,234 or 12.0. Null for fractions, words, infinities, negatives."""
    plain = text(name).str.replace_many(BURMESE_DIGITS)
    digits = (
        pl.when(plain.str.contains(_WHOLE) | plain.str.contains(_GROUPED))
        .then(plain.str.replace_all(",", "").str.replace(r"\.0*$", ""))
        .otherwise(None)
    )
    number = digits.str.to_integer(strict=False, dtype=pl.Int64)
    return pl.when(number <= LARGEST_COUNT).then(number)


def looks_numeric(name: str) -> pl.Expr:
    """Whether the cell is a number at all: tells a number out of range from a word."""
    plain = text(name).str.replace_many(BURMESE_DIGITS).str.replace_all(",", "")
    return plain.str.contains(_DECIMAL)


def decimal(name: str) -> pl.Expr:
    """A finite decimal number; null otherwise ("nan" and "inf" are words here)."""
    plain = text(name)
    return pl.when(plain.str.contains(_DECIMAL)).then(plain.str.to_lowercase()).cast(pl.Float64, strict=False)


def day(name: str, date_format: str = "date_format") -> pl.Expr:
    """An ISO date, with a time of day cut off; another order of day and month only where it was declared.

    `date_format` names the column that holds the delivery's declared strptime format, null for ISO.
    """
    cell = text(name)
    iso = cell.str.replace(_MIDNIGHT, "")
    parsed = pl.when(iso.str.contains(r"^\d{4}-\d{2}-\d{2}$")).then(iso).str.to_date("%Y-%m-%d", strict=False)
    declared = pl.lit(None, dtype=pl.Date)
    for known in ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%d %B %Y", "%d-%b-%Y"):
        declared = pl.when(pl.col(date_format) == known).then(cell.str.to_date(known, strict=False)).otherwise(declared)
    return pl.when(pl.col(date_format).is_null()).then(parsed).otherwise(declared)


def within_time(parsed: pl.Expr, received: str = "received_at") -> pl.Expr:
    """Whether a date lies between 1989 and the day the file was received."""
    return parsed.is_between(pl.lit(EARLIEST).str.to_date(), pl.col(received))


def term(name: str) -> pl.Expr:
    """A coded word in lower case with single underscores for blanks and hyphens."""
    return text(name).str.to_lowercase().str.replace_all(r"[\s\-]+", "_")
