"""How a cell of text becomes a date, a number or a term: by rule, never by guess.

Every parser returns the value and leaves null where the rule does not hold; `triage` turns that into a reason. Blank
and the usual words for missing are missing, not wrong. A parser of a column is one expression, made once: the rules
ask for the same ones thousands of times.

Raw rows with what their delivery says of them. Inhabitants as a program sums them over a grid: 123456.78 people are
123457, where the whole column is like that.
"""

import json
import re
from collections.abc import Callable
from functools import cache

import polars as pl

from pipeline.declare.codes import NOT_FAULTS, Absence, Reason
from pipeline.declare.formats import FIGURES, fold
from pipeline.declare.frames import without

EARLIEST = "1989-01-01"  # UCDP's coding begins; nothing here is older
MISSING_WORDS = ("", "na", "n/a", "n.a.", "-", "–", "—", "none", "null", "no data", "not reported", "not available")
_MISSING = f"(?i)^(?:{'|'.join(re.escape(word) for word in MISSING_WORDS)})$"
# The same in a cell as it came: invisible characters anywhere, blanks around it, any blank between two words.
_AS_CAME = (r"\p{Cf}*".join("[ \u00a0]" if c == " " else re.escape(c) for c in word) for word in MISSING_WORDS)
_UNSTATED = rf"(?i)^[\s\p{{Cf}}]*(?:{'|'.join(_AS_CAME)})[\s\p{{Cf}}]*$"
BURMESE_DIGITS = {burmese: str(digit) for digit, burmese in enumerate("၀၁၂၃၄၅၆၇၈၉")}
LARGEST_COUNT = 60_000_000  # more people than the country has

# [0-9], for \d knows the digits of every script, which no cast reads.
# Three zeros behind a point are a thousand to some and a fraction to others: neither is guessed.
_WHOLE = r"^([0-9]+(?:\.(?:0{0,2}|0{4,}))?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.0*)?)$"
_DECIMAL = r"^([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)$"
_OUT_OF_RANGE = r"^-?([0-9]+(\.(0{0,2}|0{4,}))?|[0-9]{1,3}(,[0-9]{3})+(\.0*)?)$"
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_ISO_OR_MIDNIGHT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]00:00:00(?:\.0+)?)?$"
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
_MOMENT = "%Y-%m-%dT%H:%M:%S%.6fZ"


@cache
def text(name: str) -> pl.Expr:
    """The cell without surrounding blanks and invisible characters; null where it says missing.

    One chain, here and below: what a condition names twice is worked out twice, and twice as often at each step behind.
    """
    visible = pl.col(name).cast(pl.String).str.replace_all(r"\p{Cf}", "").str.replace_all("\u00a0", " ")
    return visible.str.strip_chars().str.replace(_MISSING, "").replace("", None)


@cache
def is_stated(name: str) -> pl.Expr:
    """Whether `text` has a value, asked in one step: most conditions ask it, and a chain costs four times as much."""
    return (~pl.col(name).cast(pl.String).str.contains(_UNSTATED)).fill_null(False)


@cache
def is_formula_error(name: str) -> pl.Expr:
    """Whether the cell shows an error of the spreadsheet: a value that was there to be had and is lost."""
    return pl.col(name).cast(pl.String).str.contains(_FORMULA_ERROR)


@cache
def whole_number(name: str) -> pl.Expr:
    """A count: digits, Burmese digits, 1,234 or 12.0. Null for fractions, 1.000, words, infinities, negatives."""
    digits = text(name).str.replace_many(BURMESE_DIGITS).str.extract(_WHOLE)
    number = digits.str.replace_all(r",|\.0*$", "").str.to_integer(strict=False, dtype=pl.Int64)
    # Not a condition: it would name the number twice.
    return number.clip(upper_bound=LARGEST_COUNT + 1).replace(LARGEST_COUNT + 1, None)


@cache
def is_integer(name: str) -> pl.Expr:
    """Whether the cell is a whole number of any size and sign: tells a number out of range from a word."""
    return text(name).str.replace_many(BURMESE_DIGITS).str.contains(_OUT_OF_RANGE)


@cache
def decimal(name: str) -> pl.Expr:
    """A finite decimal number; null otherwise ("nan" and "inf" are words here)."""
    number = text(name).str.replace_many(BURMESE_DIGITS).str.extract(_DECIMAL)
    return number.str.to_lowercase().cast(pl.Float64, strict=False)


@cache
def degrees(name: str) -> pl.Expr:
    """A coordinate: like `decimal`, and with a decimal comma, which is never one of thousands: none reaches 1,000."""
    plain = text(name).str.replace_many(BURMESE_DIGITS)
    comma = plain.str.extract(r"^([+-]?[0-9]{1,3},[0-9]+)$").str.replace(",", ".", literal=True)
    return pl.coalesce(decimal(name), comma.cast(pl.Float64, strict=False))


@cache
def day(name: str, date_format: str = "date_format") -> pl.Expr:
    """The day in Myanmar: an ISO date, or a date in another order only where that was declared.

    A time of day is cut off. With an offset (Z, +06:30, +0000) it is a moment, and the day is Myanmar's: midnight
    there is 17:30 of the day before in UTC. Without an offset the day is the one that is written.

    `date_format` names the column that holds the delivery's declared strptime format, null for ISO. ISO dates
    are read beside a declared format too: a workbook's date cells come as ISO whatever its text cells hold.
    """

    def days(cells: pl.Series) -> pl.Series:
        frame = cells.struct.unnest()
        came = frame["came"]
        # Most columns are blank or hold ISO dates, at most with a midnight; the cells as they came tell.
        if not has_cells(frame, "declared") and came.str.contains(_ISO_OR_MIDNIGHT).all():
            return came.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
        frame = frame.select(_cell("came"), "declared")
        if not has_cells(frame, "cell"):
            return pl.Series([None] * cells.len(), dtype=pl.Date)
        read = _read(frame)
        if not read["has_zone"].any():
            return read["date"]
        clock = pl.col("date").cast(pl.Datetime("us")) + pl.col("time")
        there = (clock + pl.duration(minutes=MYANMAR_MINUTES)).dt.date()
        return read.select(pl.when("has_zone").then(there).otherwise("date")).to_series()

    return _came(name, date_format).map_batches(days, return_dtype=pl.Date)


@cache
def moment(name: str, date_format: str | None = None) -> pl.Expr:
    """A time of revision in UTC: a date or date and time, with or without offset, or seconds since 1970.

    Revisions are compared, and as text "…T09:00+06:30" would come after "…T08:00Z", which is later. Without an offset
    the clock is taken for UTC's. Dates are ISO, or in the order that the column `date_format` declares.
    """

    def moments(cells: pl.Series) -> pl.Series:
        frame = cells.struct.unnest()
        if not has_cells(frame, "came"):
            return pl.Series([None] * frame.height, dtype=pl.Datetime("us"))
        return _moments(frame.select(_cell("came"), "declared"))

    return _came(name, date_format).map_batches(moments, return_dtype=pl.Datetime("us"))


def _moments(frame: pl.DataFrame) -> pl.Series:
    if not has_cells(frame, "cell"):
        return pl.Series([None] * frame.height, dtype=pl.Datetime("us"))
    told = pl.col("date").cast(pl.Datetime("us")) + pl.col("time").fill_null(pl.duration())
    seconds = pl.when(pl.col("cell").str.contains(_EPOCH)).then("cell").cast(pl.Float64, strict=False)
    epoch = (seconds * 1_000_000).cast(pl.Int64).cast(pl.Datetime("us"))
    return _read(frame).select(pl.coalesce(epoch, told)).to_series()


def _came(name: str, date_format: str | None) -> pl.Expr:
    """The cells as they came, and the formats that their deliveries declare."""
    declared = pl.lit(None, pl.String) if date_format is None else pl.col(date_format)
    return pl.struct(pl.col(name).cast(pl.String).alias("came"), declared.alias("declared"))


def _cell(name: str) -> pl.Expr:
    return text(name).str.replace_many(BURMESE_DIGITS).alias("cell")


def _read(frame: pl.DataFrame) -> pl.DataFrame:
    """`cell`, its `date` as written, its `time` from that date's midnight on the clock of UTC, and `has_zone`.

    Step by step: as one expression each step would be worked out anew wherever it is needed. Most columns hold dates
    alone, which costs a tiny frame a tenth.
    """
    formats = frame["declared"]
    declared = set() if formats.null_count() == formats.len() else set(formats.drop_nulls())
    has_time = pl.col("cell").str.contains(":", literal=True)
    if not frame.select(has_time.any()).item():
        nothing = pl.lit(None, pl.Duration("us")).alias("time")
        return frame.select("cell", _date(pl.col("cell"), declared).alias("date"), nothing, has_zone=pl.lit(False))
    parts = pl.when(has_time).then("cell").str.extract_groups(_TIMED).alias("_parts")
    frame = (
        frame.with_columns(parts)
        .unnest("_parts")
        .with_columns(
            pl.col("hours", "minutes", "ahead", "rest").cast(pl.Int64),
            pl.col("half").str.to_lowercase().str.slice(0, 1),
            (pl.col("seconds").cast(pl.Float64).fill_null(0.0) * 1_000_000).round().cast(pl.Int64),
            pl.when(pl.col("sign") == "-").then(-1).otherwise(1).alias("sign"),
            pl.coalesce("written", "cell").alias("written"),
        )
    )
    hours, half = pl.col("hours"), pl.col("half")
    turned = pl.when((half == "p") & (hours < 12)).then(12).when((half == "a") & (hours == 12)).then(-12).otherwise(0)
    offset = (pl.col("sign") * (pl.col("ahead") * 60 + pl.col("rest").fill_null(0))).fill_null(0)
    minutes = (hours + turned) * 60 + pl.col("minutes") - offset
    return frame.select(
        "cell",
        _date(pl.col("written"), declared).alias("date"),
        pl.duration(minutes=minutes, microseconds="seconds").alias("time"),
        pl.col("zone").is_not_null().alias("has_zone"),
    )


@cache
def written_date(name: str) -> pl.Expr:
    """The text of a cell that stands for its date, without a time of day."""
    return text(name).str.replace_many(BURMESE_DIGITS).str.replace(_TIMED, "${written}")


def _date(written: pl.Expr, declared: set[str]) -> pl.Expr:
    iso = pl.when(written.str.contains(_ISO)).then(written).str.to_date("%Y-%m-%d", strict=False)
    ways = (in_format(pl.when(pl.col("declared") == known).then(written), known) for known in sorted(declared))
    return pl.coalesce(iso, *ways)


def in_format(written: pl.Expr, date_format: str) -> pl.Expr:
    """The date that a text is in one of DATE_FORMATS; null where it is none."""
    found = written.str.to_date(date_format, strict=False)
    return pl.when(found.dt.year() >= FIRST_YEAR).then(found)


@cache
def moment_text(name: str, date_format: str | None = None) -> pl.Expr:
    """The same as text on one clock, so that later is greater: "2024-02-01T08:00:00.000000Z"."""
    return moment(name, date_format).dt.strftime(_MOMENT)


@cache
def revision(name: str) -> pl.Expr:
    """A time of revision as text that `moment` reads without the delivery's date format: as it came where it can."""

    def revisions(cells: pl.Series) -> pl.Series:
        frame = cells.struct.unnest()
        if not has_cells(frame, "came"):
            return frame["came"]
        frame = frame.select(_cell("came"), text("came").alias("text"), "declared")
        ours = _moments(frame.with_columns(declared=pl.lit(None, pl.String)))
        if ours.null_count() == frame["cell"].null_count():
            return frame["text"]
        theirs = _moments(frame).dt.strftime(_MOMENT)
        return frame.select(pl.when(ours.is_null()).then(theirs).otherwise("text")).to_series()

    return _came(name, "date_format").map_batches(revisions, return_dtype=pl.String)


def within_time(parsed: pl.Expr, received: str = "received_at") -> pl.Expr:
    """Whether a date lies between 1989 and the day the file was received."""
    return parsed.is_between(pl.lit(EARLIEST).str.to_date(), pl.col(received))


@cache
def term(name: str) -> pl.Expr:
    """A coded word in lower case with single underscores for blanks and hyphens."""
    return text(name).str.to_lowercase().str.replace_all(r"[\s\-]+", "_")


# What a delivery says of each of its rows, beside its source and its reference date.
FROM_DELIVERY = ("file_name", "kind", "source_key", "received", "received_at", "date_format")
# What only some deliveries say: what makes their event numbers unique, which of UCDP's releases they are, and the side
# of each holder.
_SAID_BY_SOME = ("id_scope", "release", "holders")


def with_delivery(raw: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Add the delivery's columns to each raw row; its `source` fills a blank or absent `source` of the row.

    Words that the delivery's sidecar maps become our terms here: the mirror and corrections have them as delivered.

    Raises ValueError for a row whose delivery is not in force.
    """
    # How the rows are meant; a frame of deliveries that does not tell leaves it unstated.
    meant = [
        (pl.col(name) if name in deliveries.columns else pl.lit(None, dtype=pl.String)).alias(f"_{name}")
        for name in ("rows", "new_is")
    ]
    added = with_columns_of(deliveries, _SAID_BY_SOME).select(
        "delivery_id",
        *FROM_DELIVERY,
        *meant,
        *_SAID_BY_SOME,
        pl.col("source").alias("_source"),
        pl.col("reference_date").alias("_reference_date"),
    )
    joined = raw.join(added, on="delivery_id", how="left", validate="m:1", maintain_order="left")
    orphans = joined["file_name"].null_count()
    if orphans:
        raise ValueError(f"{orphans} raw rows belong to no delivery in force; materialise the deliveries first")
    own = pl.col("source").str.strip_chars() if "source" in raw.columns else pl.lit(None, dtype=pl.String)
    stated = pl.when(own != "").then(own)
    named = without(joined.with_columns(pl.coalesce(stated, pl.col("_source")).alias("source")), "_source")
    return _without_untold_zeros(_in_our_words(named, deliveries), deliveries)


def _in_our_words(rows: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Each delivery's own words for our terms replaced by them, whatever their case and blanks; others stay."""
    if "values" not in deliveries.columns or deliveries["values"].null_count() == deliveries.height:
        return rows
    for delivery, mapping in deliveries.filter(pl.col("values").is_not_null()).select("delivery_id", "values").rows():
        own = pl.col("delivery_id") == delivery
        for column, words in json.loads(mapping).items():
            if column not in rows.columns:
                continue
            cells = rows.filter(own)[column].drop_nulls().unique()
            ours = {cell: words[fold(cell)] for cell in cells if fold(cell) in words}
            rows = rows.with_columns(pl.when(own).then(pl.col(column).replace(ours)).otherwise(column).alias(column))
    return rows


def _without_untold_zeros(rows: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """Figures of nought blank in deliveries whose zeros stand for what was not reported: nobody told the two apart."""
    if "zero_means" not in deliveries.columns:
        return rows
    if not (deliveries["zero_means"] == Absence.UNKNOWN.value).any():
        return rows
    untold = deliveries.filter(pl.col("zero_means") == Absence.UNKNOWN.value)["delivery_id"].to_list()
    figures = sorted(FIGURES & set(rows.columns))
    nought = pl.col("delivery_id").is_in(untold)
    return rows.with_columns(
        pl.when(nought & (decimal(name) == 0).fill_null(False)).then(None).otherwise(name).alias(name)
        for name in figures
    )


def trusted_silence(deliveries: pl.DataFrame, set_aside: pl.DataFrame) -> pl.DataFrame:
    """The deliveries, their silence meaning zero only where no row of theirs was set aside for a fault.

    A township whose row could not be read is silent in the records but was not in the file: its silence is
    unknown, and which township it was cannot be told. So is that of a row which a correction took out.
    """
    harmless = [str(reason) for reason in NOT_FAULTS if reason != Reason.CORRECTED_OUT]
    faulty = set_aside.filter(~pl.col("reason").is_in(harmless))["delivery_id"].unique()
    # A file that says it covers a part of the country is silent about the rest.
    unknown = pl.col("delivery_id").is_in(faulty.to_list()) | pl.col("coverage").is_not_null()
    return deliveries.with_columns(
        pl.when(unknown).then(pl.lit(str(Absence.UNKNOWN))).otherwise("absence_means").alias("absence_means")
    )


def has_cells(frame: pl.DataFrame, *names: str) -> bool:
    """Whether any cell of these columns is filled: to parse a column costs as much for no cell as for a thousand."""
    return any(frame[name].null_count() < frame.height for name in names)


def read_as(frame: pl.DataFrame, parser: Callable[[str], pl.Expr], name: str, kind: type[pl.DataType]) -> pl.Expr:
    """What `parser` makes of a column; nothing at once where no cell is filled."""
    return parser(name) if has_cells(frame, name) else pl.lit(None, kind)


def with_columns_of(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """The frame with every named text column, null where it had none."""
    absent = [name for name in names if name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent) if absent else frame


FRACTIONS_LEAST_SHARE = 0.5
# Thousands of inhabitants look like sums with a fraction too; a township has tens of thousands of people.
MEDIAN_LEAST_PERSONS = 1_000


def rounded(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The frame with the column's numbers as whole ones, half to even, in deliveries where it holds sums over a grid.

    It does where more than half of the stated cells carry a fraction behind one sign (a point, or the comma of files
    that write decimals so), some of them cannot be thousands in groups of three, and the median is at least 1,000.
    """
    if not frame[column].cast(pl.String).str.contains("[.,]").any():
        return frame
    for mark, other in ((".", ","), (",", ".")):
        cell = text(column).str.replace_many(BURMESE_DIGITS)
        fraction = cell.str.contains(rf"^[0-9]+\{mark}[0-9]+$")
        group = cell.str.contains(rf"^[0-9]{{1,3}}\{mark}[0-9]{{3}}$")
        whole = cell.str.contains(r"^[0-9]+$")
        number = (
            pl.when(fraction | whole).then(cell.str.replace(mark, ".", literal=True)).cast(pl.Float64, strict=False)
        )
        told = frame.select(
            "delivery_id", number.alias("number"), (fraction & ~group).alias("telling"), fraction.alias("fraction"),
            cell.is_not_null().alias("stated"), cell.str.contains(other, literal=True).alias("mixed"),
        )  # fmt: skip
        sums = told.group_by("delivery_id").agg(
            (
                (pl.col("fraction").sum() > FRACTIONS_LEAST_SHARE * pl.col("stated").sum())
                & pl.col("telling").any()
                & ~pl.col("mixed").any()
                & (pl.col("number").median() >= MEDIAN_LEAST_PERSONS)
            ).fill_null(False).alias("sums")
        ).filter("sums")["delivery_id"]  # fmt: skip
        if sums.len():
            people = told["number"].round(0, mode="half_to_even").cast(pl.Int64).cast(pl.String).alias("_people")
            mine = pl.col("delivery_id").is_in(sums.to_list()) & pl.col("_people").is_not_null()
            frame = frame.with_columns(people).with_columns(
                pl.when(mine).then("_people").otherwise(column).alias(column)
            ).drop("_people")  # fmt: skip
    return frame
