"""Reports tried before they are kept: a file whose rows contradict each other is refused and leaves nothing behind.

Whether two rows stand for one township shows only once they are placed, so records are made of the files as a run
would make them, beside what is in force.
"""

from datetime import datetime
from functools import partial
from typing import Any

import polars as pl

from assets.gazetteer import gazetteer, gazetteer_on, schematic_cache
from pipeline.declare import corrections, settings
from pipeline.declare.codes import Kind
from pipeline.declare.frames import raw_columns
from pipeline.declare.settings import Home
from pipeline.ingest.corrections import read_all
from pipeline.records.corrections import corrected
from pipeline.records.parsing import with_delivery
from pipeline.records.parts import Contradicted, refuse_two_files
from pipeline.records.placing import Gazetteer
from pipeline.sources import parsers
from pipeline.storage import deliveries
from pipeline.storage.deliveries import Judged
from pipeline.storage.history import Delivery, takes_over

COUNTS = {
    Kind.DISPLACEMENT: ["idps_new_persons", "idps_stock_persons", "returnees_persons"],
    Kind.POPULATION: ["population_persons"],
}


def refuse_contradictions(home: Home, judged: list[Judged]) -> None:
    """Raise Contradicted where rows of a judged file cannot all hold; nothing is kept and nothing written.

    What is in force of the same kind is read too, for a running total may fall from one file to the next. A fault
    of what was delivered before is left to the run, which says how to take it out.
    """
    kinds = [kind for kind in COUNTS if any(one.delivery.kind == kind for one in judged)]
    if not kinds:
        return
    held, places = deliveries.in_force(home), None
    for kind in kinds:
        came = [one for one in judged if one.delivery.kind == kind]
        said_anew = {one.delivery.delivery_id for one in came}
        replaced = {d.delivery_id for d in held for one in came if takes_over(one.delivery, d)}
        before = [d for d in held if d.kind == kind and d.delivery_id not in said_anew | replaced]
        tried = [*(Judged(d, deliveries.read_delivery(home, d)) for d in before), *came]
        places = places or _gazetteer(home, judged, held)
        try:
            made = parsers.reports(kind, partial(_rows, home, tried), places)
        except Contradicted as error:
            if error.delivery_id in said_anew:
                raise
        else:
            refuse_two_files(made.kept.filter(pl.col("delivery_id").is_in([*said_anew])), COUNTS[kind])


def _rows(home: Home, tried: list[Judged], format_name: str) -> pl.DataFrame:
    """The rows of one format as records are made of them: known errors mended, with what each delivery says."""
    own = [one for one in tried if one.delivery.format == format_name]
    names = list(raw_columns(format_name))
    empty = pl.DataFrame(schema={c: pl.Int64 if c == "row_number" else pl.String for c in names})
    frames = [
        one.frame.with_columns(pl.lit(one.delivery.delivery_id).alias("delivery_id")).select(names) for one in own
    ]
    raw, known = pl.concat([empty, *frames]), deliveries.as_frame([one.delivery for one in own])
    fitting = [
        entry
        for entry in read_all(home)
        if format_name in entry.formats
        and any(entry.fits(d.kind, d.format, d.source, d.source_key) for d in (one.delivery for one in own))
    ]
    entries = corrections.in_force(fitting, None, datetime.now(settings.MYANMAR).date())
    return with_delivery(corrected(raw, entries, known, in_force=False).rows, known)


def _gazetteer(home: Home, judged: list[Judged], held: list[Delivery]) -> Gazetteer:
    """Places as the run will know them: on the newest layer, of those judged too; schematic shapes are kept nowhere."""
    known = {d.delivery_id for d in held}
    layer = next((o for o in reversed(judged) if o.delivery.kind == Kind.BOUNDARIES), None)
    if layer and layer.delivery.delivery_id not in known:
        frame = layer.frame
        return gazetteer_on(lambda: frame.select("adm3_pcode", "geometry", "area_km2"))
    before = next((d for d in reversed(held) if d.kind == Kind.BOUNDARIES), None)
    return gazetteer(home.root, before.delivery_id) if before else gazetteer_on(lambda: _schematic(home))


def _schematic(home: Home) -> Any:
    from geo.schematic import schematic

    cache = schematic_cache(home)
    return schematic(cache if cache.exists() else None).frame
