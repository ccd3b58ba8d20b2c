"""Tiny hand-made frames: builders that fill every declared column a case does not care about."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

import polars as pl
import pytest

from pipeline.declare import codes, methods
from pipeline.declare.frames import empty
from pipeline.declare.indices import BY_CUT
from pipeline.indices.control import control
from pipeline.indices.humanitarian import humanitarian
from pipeline.indices.security import security
from pipeline.indices.services import services
from pipeline.indices.signals import signals
from pipeline.indices.township_index import township_index

A, B, C = "MMR001001", "MMR001002", "MMR002001"
END = date(2021, 3, 31)
LAST_MONTH = date(2021, 3, 1)
# The indices that are made by one cut: name -> its function, of the frame of security and the method.
MADE_BY_CUT: dict[str, Callable[[pl.DataFrame, methods.Method], pl.DataFrame]] = {}
if list(MADE_BY_CUT) != [spec.name for spec in BY_CUT]:
    raise ValueError(
        f"name a function of each index in MADE_BY_CUT, in the order of INDICES: {[s.name for s in BY_CUT]}"
    )


class Chain(Mapping[str, pl.DataFrame]):
    """The tables of all indices by name, each made when it is first asked for: most cases look at one or two."""

    def __init__(self, makers: dict[str, Callable[[], pl.DataFrame]]) -> None:
        self._makers, self._made = makers, dict[str, pl.DataFrame]()

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Hand:
    """Builders of record frames and the whole chain on them; sources `canonical_clashes` and deliveries d1, d2."""

    places = (A, B, C)
    end = END
    key = "canonical_clashes"

    def frame(self, table: str, rows: list[dict[str, Any]], **defaults: Any) -> pl.DataFrame:
        if not rows:
            return empty(table)
        types = empty(table).schema
        filled = [{name: {**defaults, **row}.get(name) for name in types} for row in rows]
        return pl.DataFrame(filled, schema=types)

    def townships(self, places: tuple[str, ...] = places, people: tuple[int | None, ...] = ()) -> pl.DataFrame:
        rows = [
            {
                "adm3_pcode": place,
                "adm3_name": place,
                "adm1_name": place[:6],
                "state_region": "Kachin" if place.startswith("MMR001") else "Kayah",
                "area_km2": 100.0 * (number + 1),
                "population_persons": people[number] if people else 1000,
            }
            for number, place in enumerate(places)
        ]
        return self.frame("records.townships", rows)

    def clashes(self, *rows: tuple[str, date], **given: Any) -> pl.DataFrame:
        """(township, day) of each event; `given` overrides the defaults for all."""
        defaults = {
            "source_key": self.key,
            "event_class": codes.EventClass.CLASH.value,
            "geo_precision": codes.GeoPrecision.TOWNSHIP.value,
            "placed_by": codes.PlacedBy.PCODE.value,
            "events_count": 1,
            "fatalities_persons": 1,
        }
        events = [
            {"adm3_pcode": place, "event_date": day, "event_id": str(number)}
            for number, (place, day) in enumerate(rows)
        ]
        return self.frame("records.clashes", events, **{**defaults, **given})

    def records(self, table: str, *rows: dict[str, Any]) -> pl.DataFrame:
        """Rows of displacement, services or control; line numbers in order, delivery d1 unless stated."""
        numbered = [{"row_number": number + 2, **row} for number, row in enumerate(rows)]
        items = dict.fromkeys(codes.SERVICE_ITEMS, codes.ServiceState.UNKNOWN.value)
        return self.frame(table, numbered, adm3_pcode=A, delivery_id="d1", source="s", placed_by="pcode", **items)

    def deliveries(self, **of_d1: Any) -> pl.DataFrame:
        common = {"kind": "displacement", "absence_means": "unknown"}
        rows = [
            {"delivery_id": "d1", "received_at": date(2021, 3, 1), **common, **of_d1},
            {"delivery_id": "d2", "received_at": date(2021, 3, 2), **common},
        ]
        known = self.frame("records.deliveries", rows)
        return known.with_columns(pl.col("received_at").cast(pl.String).alias("received"))

    def security(self, clashes: pl.DataFrame, **given: Any) -> pl.DataFrame:
        options: dict[str, Any] = {
            "townships": self.townships(),
            "method": methods.ISP_2023,
            "period_end": END,
            "source_key": self.key,
            "absence": codes.Absence.ZERO,
        }
        return security(clashes, **{**options, **given})

    def chain(self, clashes: pl.DataFrame, **given: Any) -> "Chain":
        """All indices on the records given (`displacement`, `services`, `control`, `deliveries`, `townships`)."""
        empty = {kind: self.frame(f"records.{kind}", []) for kind in ("displacement", "services", "control")}
        use: dict[str, Any] = {
            **empty,
            "deliveries": self.deliveries(),
            "townships": self.townships(),
            "method": methods.ISP_2023,
            "period_end": END,
            "source_key": self.key,
            "absence": codes.Absence.ZERO,
            "unallocated": self.frame("records.unallocated_events", []),
            **given,
        }
        towns, method, end, delivered = use["townships"], use["method"], use["period_end"], use["deliveries"]
        key, absence, unallocated = use["source_key"], use["absence"], use["unallocated"]

        def index() -> pl.DataFrame:
            return township_index(
                **{name: made[name] for name in ("security", "humanitarian", "services", "control", "signals")},
                others=[made[name] for name in MADE_BY_CUT],
                clashes=clashes,
                townships=towns,
                method=method,
                source_key=key,
                unallocated=unallocated,
            )

        makers: dict[str, Callable[[], pl.DataFrame]] = {
            "security": lambda: security(clashes, towns, method, end, key, absence, unallocated=unallocated),
            "humanitarian": lambda: humanitarian(use["displacement"], made["security"], delivered, towns, method, end),
            "services": lambda: services(use["services"], made["security"], delivered, towns, method, end),
            "control": lambda: control(use["control"], towns, method, delivered, end),
            "signals": lambda: signals(clashes, towns, method, end, key, absence),
            **{name: partial(lambda make: make(made["security"], method), make) for name, make in MADE_BY_CUT.items()},
            "index": index,
        }
        made = Chain(makers)
        return made

    def by_cut(self, made: Mapping[str, pl.DataFrame]) -> list[pl.DataFrame]:
        """Of what `chain` made the tables of the indices that are made by one cut, in their order."""
        return [made[spec.name] for spec in BY_CUT]

    def at(self, frame: pl.DataFrame, place: str, month: date = LAST_MONTH) -> dict[str, Any]:
        """The one row of a township and month."""
        return frame.row(by_predicate=(pl.col("adm3_pcode") == place) & (pl.col("month") == month), named=True)


@pytest.fixture(scope="session")
def hand() -> Hand:
    return Hand()
