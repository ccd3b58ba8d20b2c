"""Records of control: a township's controller or the shares of its area, areas drawn on a map, towns taken and retaken.

A map is a statement about every township that it covers: its areas become shares of townships, and these are records
like any other. A town is not a township, so what happens to towns says nothing of who controls their townships and
stands in a table of its own.
"""

import json
from dataclasses import dataclass

import polars as pl

from pipeline.declare.codes import CONTROL_SHARES, Controller, GeoPrecision, Reason, Side
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.declare.frames import empty
from pipeline.records import parsing
from pipeline.records.holders import side_rules, stated_side, with_sides
from pipeline.records.observations import placed_reports, report_columns
from pipeline.records.parsing import with_columns_of
from pipeline.records.placing import Gazetteer
from pipeline.records.review import reviewed
from pipeline.records.rules import formula_rules, term_rule
from pipeline.records.triage import Rule, Triage, no_rows, triage, unreadable

# Shares are written with a few decimals: four of two decimals add up to at most 1.02 where they mean one.
ROUNDING = 0.02
# A map that draws the same ground twice is divided by what it covers; beyond this it is said.
OVERLAP_SAID = 0.01
_SIDES = ("state", "contested", "resistance", "other")
_LINE = ["delivery_id", "row_number"]


@dataclass(frozen=True)
class Control:
    """Columns of records.control, records.control_areas and records.town_control, and what is to be said of them."""

    records: pl.DataFrame
    areas: pl.DataFrame
    towns: pl.DataFrame
    set_aside: pl.DataFrame
    sentences: tuple[str, ...]


def control(canonical: pl.DataFrame, areas: pl.DataFrame, towns: pl.DataFrame, gazetteer: Gazetteer) -> Control:
    """Everything that was delivered on control: townships, areas on a map and towns, each row used or set aside."""
    own = reviewed(unreadable(with_columns_of(canonical, PLACE_COLUMNS)))
    stated = _with_shares(own.kept)
    drawn = drawn_areas(areas, gazetteer)
    known = triage(stated, _rules())
    rows = _judged(known.kept)
    if not drawn.kept.is_empty():
        rows = pl.concat([rows, _of_areas(drawn.kept)], how="diagonal_relaxed")
    wanted = report_columns(["reference_date", "controller", *CONTROL_SHARES, "confidence", "speaker"])
    made = placed_reports(rows.select(wanted), "reference_date", [], ["controller"], gazetteer, "confidence")
    # A map's areas were used for every township that they cover, whichever of its statements stands.
    by_map = drawn.kept["delivery_id"].unique()
    outweighed = made.set_aside.filter(~pl.col("delivery_id").is_in(by_map.implode()))
    held = towns_held(towns, gazetteer)
    aside = [own.set_aside, known.set_aside, drawn.set_aside, outweighed, held.set_aside]
    return Control(
        made.kept, drawn.kept, held.kept, pl.concat(aside), (*_overlaps(known.kept, drawn.kept), *_conflicts(made.kept))
    )


def _with_shares(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with each share as a number in `_<share>`, from their columns or those of holders, and their `_sum`.

    Where a file has a column for each holder, the shares of one side are added up. A map gave them, so ground that is
    drawn twice makes them more than one: they are divided by their sum, which is kept in `_sum`.
    """
    stated = rows.with_columns(
        parsing.term("controller").alias("_controller"),
        parsing.text("confidence").alias("confidence"),
        pl.col("source").alias("speaker"),
        *(parsing.decimal(name).alias(f"_{name}") for name in CONTROL_SHARES),
        pl.lit(value=False).alias("_by_holder"),
        pl.lit(None, pl.String).alias("_unread"),
    )
    for holders in rows["holders"].drop_nulls().unique().sort():
        mine = stated["holders"] == holders
        added = _by_side(stated.filter(mine)["extra"], json.loads(holders))
        stated = pl.concat([stated.filter(~mine.fill_null(value=False)), stated.filter(mine).update(added)])
    total = pl.sum_horizontal(f"_{name}" for name in CONTROL_SHARES)
    stated = stated.with_columns(total.alias("_sum"))
    over = (pl.col("_sum") > 1) & (pl.col("_by_holder") | (pl.col("_sum") <= 1 + ROUNDING))
    return stated.with_columns(
        pl.when(over).then(pl.col(f"_{name}") / pl.col("_sum")).otherwise(f"_{name}").alias(f"_{name}")
        for name in CONTROL_SHARES
    ).sort(_LINE)


def _by_side(extra: pl.Series, holders: dict[str, str]) -> pl.DataFrame:
    """`_<side>_share`, `_by_holder` and the first unreadable cell, of rows whose holders stand in columns."""
    cells = [json.loads(text) if text else {} for text in extra]
    names = sorted({name for row in cells for name in row})
    sides = {name: side for name in names if (side := stated_side(name, holders)) not in (None, Side.IGNORE.value)}
    if not sides:
        return pl.DataFrame({"_by_holder": [False] * len(cells)})
    schema = dict.fromkeys(sides, pl.String)
    table = pl.DataFrame([[row.get(name) for name in sides] for row in cells], schema=schema, orient="row")
    numbers = table.select(parsing.decimal(name).alias(name) for name in sides)
    bad = [
        pl.when(parsing.is_stated(name) & ~parsing.decimal(name).is_between(0, 1).fill_null(value=False)).then(
            pl.concat_str(pl.lit(f"{name}: "), name)
        )
        for name in sides
    ]

    def added(which: str) -> pl.Series:
        mine = [name for name, of in sides.items() if of == which]
        if not mine:
            return pl.repeat(None, numbers.height, dtype=pl.Float64, eager=True)
        stated = numbers.select(pl.any_horizontal(pl.col(mine).is_not_null())).to_series()
        total = numbers.select(pl.sum_horizontal(mine)).to_series()
        return pl.select(pl.when(stated).then(total)).to_series()

    return pl.DataFrame([added(which).alias(f"_{which}_share") for which in _SIDES]).with_columns(
        pl.lit(value=True).alias("_by_holder"), table.select(pl.coalesce(*bad)).to_series().alias("_unread")
    )


def _rules() -> list[Rule]:
    named = pl.col("_controller").is_not_null()
    shares = [pl.col(f"_{name}") for name in CONTROL_SHARES]
    any_share = pl.any_horizontal(share.is_not_null() for share in shares)
    stated = pl.any_horizontal(parsing.is_stated(name) for name in CONTROL_SHARES)
    over = pl.col("_sum").round(6).cast(pl.String) + pl.lit(" of the township's area")
    return [
        *formula_rules("controller", "confidence", *CONTROL_SHARES),
        Rule(pl.col("_unread").is_not_null(), Reason.INVALID_NUMBER, "holder", pl.col("_unread")),
        *(
            Rule(parsing.is_stated(name) & pl.col(f"_{name}").is_null(), Reason.INVALID_NUMBER, name)
            for name in CONTROL_SHARES
        ),
        *(Rule(~share.is_between(0, 1), Reason.NUMBER_OUT_OF_RANGE, name)
          for name, share in zip(CONTROL_SHARES, shares, strict=True)),
        Rule(~named & ~any_share & ~stated & pl.col("_unread").is_null(), Reason.MISSING_VALUE, "controller"),
        term_rule(named & ~pl.col("_controller").is_in(list(Controller)), "controller", Controller),
        Rule(~pl.col("_by_holder") & (pl.col("_sum") > 1 + ROUNDING), Reason.SHARES_DISAGREE, "state_share", over),
        Rule(named & any_share & (controller_of(shares) != pl.col("_controller")), Reason.SHARES_DISAGREE,
             "controller"),
    ]  # fmt: skip


def controller_of(shares: list[pl.Expr]) -> pl.Expr:
    """The side above one half of the township's area, the unknown too; contested where none is.

    `shares` are those of state, contested, resistance and other in this order; what is missing to one is unknown.
    """
    known = pl.sum_horizontal(shares)
    sides = [*zip(_SIDES, shares, strict=True), (Controller.UNKNOWN.value, 1 - known)]
    found = pl.lit(Controller.CONTESTED.value)
    for side, share in sides:
        found = pl.when(share > 0.5).then(pl.lit(side)).otherwise(found)
    return found


def _judged(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their controller and shares, rounded to six decimals."""
    shares = [pl.col(f"_{name}").round(6) for name in CONTROL_SHARES]
    any_share = pl.any_horizontal(share.is_not_null() for share in shares)
    return rows.with_columns(
        pl.when(any_share).then(controller_of(shares)).otherwise("_controller").alias("controller"),
        *(share.alias(name) for name, share in zip(CONTROL_SHARES, shares, strict=True)),
    )


def drawn_areas(raw: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Columns of records.control_areas: each area in each township it covers; and per side in `_side_share`."""
    if raw.is_empty():
        return Triage(_no_areas(raw), no_rows())
    sided = triage(with_sides(raw), side_rules())
    rows = sided.kept.with_row_index("number")
    if rows.is_empty():
        return Triage(_no_areas(raw), sided.set_aside)
    pieces, sides = gazetteer.measured(rows.select("number", pl.col("delivery_id").alias("map"), "side", "geometry"))
    placed = rows.drop("geometry", "holder", "holders").join(
        pieces, on="number", how="inner", validate="1:m", maintain_order="left"
    )
    outside = triage(
        rows.join(pieces, on="number", how="anti"), [Rule(pl.lit(value=True), Reason.OUTSIDE_COUNTRY, "holder")]
    )
    kept = placed.join(
        sides.rename({"map": "delivery_id", "area_share": "_side_share"}), on=["delivery_id", "side", "adm3_pcode"],
        how="left", validate="m:1", maintain_order="left",
    ).with_columns(
        pl.col("_reference_date").alias("reference_date"), pl.col("side").alias("controller"),
        pl.lit(str(GeoPrecision.TOWNSHIP)).alias("geo_precision"),
    )  # fmt: skip
    early = triage(
        kept, [Rule(~parsing.within_time(pl.col("reference_date")), Reason.DATE_OUT_OF_RANGE, "reference_date")]
    )
    aside = pl.concat([sided.set_aside, outside.set_aside, early.set_aside.unique(_LINE, maintain_order=True)])
    return Triage(early.kept.sort("adm3_pcode", "reference_date", *_LINE), aside)


def _no_areas(raw: pl.DataFrame) -> pl.DataFrame:
    added = {"adm3_pcode": pl.String, "reference_date": pl.Date, "side": pl.String, "controller": pl.String,
             "area_share": pl.Float64, "_side_share": pl.Float64, "geo_precision": pl.String}  # fmt: skip
    none = raw.clear().drop("geometry", "holder", "holders")
    return none.with_columns(pl.lit(None, kind).alias(name) for name, kind in added.items())


def _of_areas(areas: pl.DataFrame) -> pl.DataFrame:
    """One row for each map and township as its own columns of control would state it; its line is the first area's."""
    first = areas.group_by("delivery_id", "adm3_pcode", maintain_order=True).agg(
        *(
            pl.col("_side_share").filter(pl.col("side") == side).first().fill_null(0.0).alias(f"_{side}_share")
            for side in _SIDES
        ),
        pl.col("reference_date").first().cast(pl.String),
        pl.col("row_number").min(),
        pl.col("file_name", "kind", "source", "received", "received_at", "date_format").first(),
    )
    total = pl.sum_horizontal(f"_{name}" for name in CONTROL_SHARES)
    whole = first.with_columns(
        (pl.col(f"_{name}") / pl.max_horizontal(total, pl.lit(1.0))).alias(f"_{name}") for name in CONTROL_SHARES
    )
    blank = (*(name for name in PLACE_COLUMNS if name != "adm3_pcode"), "confidence", "updated_at", "_controller")
    return _judged(
        whole.with_columns(*(pl.lit(None, pl.String).alias(name) for name in blank), pl.col("source").alias("speaker"))
    )


def _overlaps(rows: pl.DataFrame, areas: pl.DataFrame) -> list[str]:
    """A sentence for each file in which ground is drawn more than once: how many townships, and by how much."""
    by_side = areas.unique(["file_name", "delivery_id", "adm3_pcode", "side"], maintain_order=True)
    drawn = by_side.group_by("file_name", "delivery_id", "adm3_pcode").agg(pl.col("_side_share").sum().alias("_sum"))
    both = pl.concat([
        rows.filter("_by_holder").select("file_name", "delivery_id", "_sum"),
        drawn.select("file_name", "delivery_id", "_sum"),
    ])  # fmt: skip
    twice = both.filter(pl.col("_sum") > 1 + OVERLAP_SAID).group_by("file_name", "delivery_id")
    found = twice.agg(pl.len().alias("townships"), pl.col("_sum").max()).sort("file_name", "delivery_id")
    return [
        f"control/{name}: {count} townships are drawn more than once, at most {most:.2f} times; their shares were "
        "divided by what is drawn"
        for name, count, most in found.select("file_name", "townships", "_sum").iter_rows()
    ]


def _conflicts(records: pl.DataFrame) -> list[str]:
    """A sentence on the townships and days whose records name different controllers with equal confidence."""
    against = records.filter(pl.col("conflicting_records_count") > 0)
    places = against.select("adm3_pcode", "reference_date").unique().sort("reference_date", "adm3_pcode")
    if places.is_empty():
        return []
    named = ", ".join(f"{code} on {day}" for code, day in places.head(5).iter_rows())
    more = ", …" if places.height > 5 else ""
    return [
        f"control: {against.height} records of {places.height} townships and days name different controllers with "
        f"equal confidence and count as contested: {named}{more} (conflicting_records_count)"
    ]


def towns_held(raw: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Columns of records.town_control: one row for each time that a town was taken, retaken or contested.

    Towns of one township are told apart by name. A town that bears its township's name, in any spelling that is known
    there, is one town: lists that spell it twice would count it twice.
    """
    if raw.is_empty():
        return Triage(empty("records.town_control"), no_rows())
    own = reviewed(unreadable(with_columns_of(raw, PLACE_COLUMNS)))
    sided = triage(with_sides(own.kept), [*formula_rules("holder", "confidence"), *side_rules()])
    rows = sided.kept.with_columns(
        pl.col("side").alias("controller"),
        parsing.text("confidence").alias("confidence"),
        pl.col("source").alias("speaker"),
    )
    wanted = report_columns(["event_date", "controller", "confidence", "speaker", "town_name"])
    made = placed_reports(
        rows.select(wanted), "event_date", [], ["controller"], gazetteer, "confidence",
        within=lambda placed: with_town(placed, gazetteer),
    )  # fmt: skip
    return Triage(made.kept, pl.concat([own.set_aside, sided.set_aside, made.set_aside]))


def with_town(placed: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Placed rows with `town`: the key of the town's name, "" for the town that bears its township's name or none."""
    named = placed.with_columns(gazetteer.name_key(pl.col("town_name")).fill_null("").alias("town"))
    own = gazetteer.spellings.select("adm3_pcode", pl.col("name_key").alias("town"), pl.lit(value=True).alias("_own"))
    found = named.join(own, on=["adm3_pcode", "town"], how="left", validate="m:1", maintain_order="left")
    return found.with_columns(pl.when("_own").then(pl.lit("")).otherwise("town").alias("town")).drop("_own")
