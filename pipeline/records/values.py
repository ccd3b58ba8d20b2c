"""How a cell of text becomes a date, a number or a term: by rule, never by guess.

Every parser returns the value and leaves null where the rule does not hold; `triage` turns that into a
reason. Blank and the usual words for missing are missing, not wrong.
"""

import polars as pl

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
# A date, a time of day on 24 or 12 hours, and the offset of its clock from UTC.
_TIMED = (
    r"^(?P<written>.*[0-9])(?:[T ]|, ?) *(?P<hours>[01]?[0-9]|2[0-3]):(?P<minutes>[0-5][0-9])"
    r"(?::(?P<seconds>[0-5][0-9](?:\.[0-9]+)?))? *(?P<half>[AaPp]\.?[Mm]\.?)? *"
    r"(?P<zone>[Zz]|UTC|GMT|(?P<sign>[+-])(?P<ahead>[0-9]{2})(?::?(?P<rest>[0-9]{2}))?)?$"
)
MYANMAR_MINUTES = 390  # UTC+06:30, the clock that a day is a day on
FIRST_YEAR = 1900  # "2/1/21" read with a year of four digits is of the year 21: another format is meant
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


def degrees(name: str) -> pl.Expr:
    """A coordinate: like `decimal`, and with a decimal comma, which is never one of thousands: none reaches 1,000."""
    plain = text(name).str.replace_many(BURMESE_DIGITS)
    comma = plain.str.extract(r"^([+-]?[0-9]{1,3},[0-9]+)$").str.replace(",", ".", literal=True)
    return pl.coalesce(decimal(name), comma.cast(pl.Float64, strict=False))


def day(name: str, date_format: str = "date_format") -> pl.Expr:
    """The day in Myanmar: an ISO date, or a date in another order only where that was declared.

    A time of day is cut off. With an offset (Z, +06:30, +0000) it is a moment, and the day is Myanmar's: midnight
    there is 17:30 of the day before in UTC. Without an offset the day is the one that is written.

    `date_format` names the column that holds the delivery's declared strptime format, null for ISO. ISO dates
    are read beside a declared format too: a workbook's date cells come as ISO whatever its text cells hold.
    """

    def days(cells: pl.Series) -> pl.Series:
        clock = pl.col("date").cast(pl.Datetime("us")) + pl.col("time")
        there = (clock + pl.duration(minutes=MYANMAR_MINUTES)).dt.date()
        return _read(cells).select(pl.when("has_zone").then(there).otherwise("date")).to_series()

    return _cells(name, date_format).map_batches(days, return_dtype=pl.Date)


def moment(name: str, date_format: str | None = None) -> pl.Expr:
    """A time of revision in UTC: a date or date and time, with or without offset, or seconds since 1970.

    Revisions are compared, and as text "…T09:00+06:30" would come after "…T08:00Z", which is later. Without an offset
    the clock is taken for UTC's. Dates are ISO, or in the order that the column `date_format` declares.
    """

    def moments(cells: pl.Series) -> pl.Series:
        told = pl.col("date").cast(pl.Datetime("us")) + pl.col("time").fill_null(pl.duration())
        seconds = pl.when(pl.col("cell").str.contains(_EPOCH)).then("cell").cast(pl.Float64, strict=False)
        epoch = (seconds * 1_000_000).cast(pl.Int64).cast(pl.Datetime("us"))
        return _read(cells).select(pl.coalesce(epoch, told)).to_series()

    return _cells(name, date_format).map_batches(moments, return_dtype=pl.Datetime("us"))


def _cells(name: str, date_format: str | None) -> pl.Expr:
    declared = pl.lit(None, pl.String) if date_format is None else pl.col(date_format)
    return pl.struct(text(name).str.replace_many(BURMESE_DIGITS).alias("cell"), declared.alias("declared"))


def _read(cells: pl.Series) -> pl.DataFrame:
    """`cell`, its `date` as written, its `time` from that date's midnight on the clock of UTC, and `has_zone`.

    A frame of its own, step by step: as one expression each step would be worked out anew wherever it is needed.
    """
    timed = pl.when(pl.col("cell").str.contains(":", literal=True)).then("cell")
    frame = cells.struct.unnest().with_columns(timed.str.extract_groups(_TIMED).alias("_parts")).unnest("_parts")
    hours, minutes, ahead, rest = (pl.col(n).cast(pl.Int64) for n in ("hours", "minutes", "ahead", "rest"))
    half = pl.col("half").str.to_lowercase().str.slice(0, 1)
    turned = pl.when((half == "p") & (hours < 12)).then(12).when((half == "a") & (hours == 12)).then(-12).otherwise(0)
    offset = pl.when(pl.col("sign") == "-").then(-1).otherwise(1) * (ahead * 60 + rest.fill_null(0))
    micros = (pl.col("seconds").cast(pl.Float64).fill_null(0.0) * 1_000_000).round().cast(pl.Int64)
    return frame.select(
        "cell",
        _date(pl.coalesce("written", "cell"), set(frame["declared"].drop_nulls())).alias("date"),
        pl.duration(minutes=(hours + turned) * 60 + minutes - offset.fill_null(0), microseconds=micros).alias("time"),
        pl.col("zone").is_not_null().alias("has_zone"),
    )


def written_date(name: str) -> pl.Expr:
    """The text of a cell that stands for its date, without a time of day."""
    timed = text(name).str.replace_many(BURMESE_DIGITS)
    return pl.coalesce(timed.str.extract(_TIMED, 1), timed)


def _date(written: pl.Expr, declared: set[str]) -> pl.Expr:
    iso = pl.when(written.str.contains(_ISO)).then(written).str.to_date("%Y-%m-%d", strict=False)
    ways = (in_format(pl.when(pl.col("declared") == known).then(written), known) for known in sorted(declared))
    return pl.coalesce(iso, *ways)


def in_format(written: pl.Expr, date_format: str) -> pl.Expr:
    """The date that a text is in one of DATE_FORMATS; null where it is none."""
    found = written.str.to_date(date_format, strict=False)
    return pl.when(found.dt.year() >= FIRST_YEAR).then(found)


def moment_text(name: str, date_format: str | None = None) -> pl.Expr:
    """The same as text on one clock, so that later is greater: "2024-02-01T08:00:00.000000Z"."""
    return moment(name, date_format).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def revision(name: str) -> pl.Expr:
    """A time of revision as text that `moment` reads without the delivery's date format: as it came where it can."""
    return pl.when(moment(name).is_null()).then(moment_text(name, "date_format")).otherwise(text(name))


def within_time(parsed: pl.Expr, received: str = "received_at") -> pl.Expr:
    """Whether a date lies between 1989 and the day the file was received."""
    return parsed.is_between(pl.lit(EARLIEST).str.to_date(), pl.col(received))


def term(name: str) -> pl.Expr:
    """A coded word in lower case with single underscores for blanks and hyphens."""
    return text(name).str.to_lowercase().str.replace_all(r"[\s\-]+", "_")
