"""Candidate matches: worked by hand, against an enumeration of all pairs, and whatever the order."""

import time
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.analysis.event_matching import compared, event_matches, matched_by_chance, parties
from pipeline.declare.actors import PARTIES

A, B = "MMR001001", "MMR001002"
DAY = date(2021, 3, 10)
END = date(2021, 12, 31)
SCHEMA = {
    "source_key": pl.String, "event_id": pl.String, "adm3_pcode": pl.String, "event_date": pl.Date,
    "actor1": pl.String, "actor2": pl.String, "event_class": pl.String, "geo_precision": pl.String,
}  # fmt: skip


def clashes(*rows: tuple[str, str, str, int, str | None, str | None]) -> pl.DataFrame:
    """(source, id, township, days after 10 March 2021, actors) of each clash."""
    full = [(s, e, t, DAY + timedelta(days=d), x, y, "clash", "township") for s, e, t, d, x, y in rows]
    return pl.DataFrame(full, schema=SCHEMA, orient="row").with_columns(events_count=pl.lit(1, pl.Int64))


def pairs(frame: pl.DataFrame) -> list[tuple[str, str, int, bool]]:
    return frame.select("event_id_a", "event_id_b", "days_apart", "actors_agree").rows()


def test_pairs_worked_by_hand() -> None:
    frame = clashes(
        ("a", "a1", A, 0, "SAC", "KIA"),
        ("a", "a2", A, 2, "SAC", "PDF"),
        ("a", "a3", A, 2, None, None),
        ("a", "a4", A, 30, "KIA", "Arakan Army"),
        ("a", "a5", B, 0, "SAC", "PDF"),
        ("b", "b1", A, 1, "Tatmadaw", "KIO"),
        ("b", "b2", A, 2, "Government of Myanmar (Burma)", "NUG"),
        ("b", "b3", A, 6, "SAC", "PDF"),
        ("b", "b4", A, 30, "SAC", "NUG"),
        ("b", "b5", A, 5, "a group nobody knows", None),
    )
    # a2 and b2 on one day, both parties; then a1 and b1 a day apart, both parties. a3, of unknown parties, would fit
    # b1 and b2, which are taken, and takes b5, three days off. a4 and b4 are at odds; b3 is too late; a5 elsewhere.
    assert pairs(event_matches(frame, END)) == [("a1", "b1", 1, True), ("a2", "b2", 0, True), ("a3", "b5", 3, False)]


def test_more_parties_in_common_go_before_the_ids() -> None:
    frame = clashes(
        ("a", "1", A, 0, "SAC", None), ("a", "2", A, 0, "SAC", "KNU"), ("b", "1", A, 0, "SAC", "KNLA"),
    )  # fmt: skip
    assert pairs(event_matches(frame, END)) == [("2", "1", 0, True)]


def test_only_counted_placed_clashes_since_the_coup_are_compared() -> None:
    same = [("a", str(n), A, 0, None, None) for n in range(5)]
    frame = clashes(*same).with_columns(
        pl.Series("event_class", ["clash", "other", "violence_against_civilians", "clash", "clash"]),
        pl.Series("geo_precision", ["exact", "exact", "exact", "region", "exact"]),
        pl.Series("event_date", [*[DAY] * 4, date(2021, 1, 31)]),
    )
    assert compared(frame)["event_id"].to_list() == ["0"]
    assert compared(frame, DAY - timedelta(days=1)).is_empty()


def test_one_source_alone_has_no_matches_and_costs_nothing() -> None:
    one = clashes(*(("a", str(n), A, n % 200, None, None) for n in range(1000)))
    assert event_matches(one, END).is_empty()
    assert event_matches(one.clear(), END).schema == event_matches(one, END).schema
    assert matched_by_chance(one, "a", "b") == 0


def test_a_thousand_equal_events_make_a_thousand_pairs_at_once() -> None:
    many = clashes(*((s, f"{n:05d}", A, 0, "SAC", "PDF") for s in "ab" for n in range(3000)))
    began = time.perf_counter()
    found = event_matches(many, END)
    assert time.perf_counter() - began < 2, "nine million pairs were made"
    assert found["event_id_a"].to_list() == found["event_id_b"].to_list()
    assert found.height == 3000
    assert matched_by_chance(many, "a", "b") == 0


@pytest.mark.parametrize("party", PARTIES, ids=lambda p: p.key)
def test_a_party_is_known_by_its_names_and_by_no_other_partys(party) -> None:
    bit = 1 << PARTIES.index(party)
    assert parties(pl.Series(party.examples)).to_list() == [bit] * len(party.examples)


def test_who_is_not_known_is_no_party() -> None:
    names = [None, "", "Civilians", "Unidentified armed group", "Civilians (Myanmar)"]
    assert parties(pl.Series(names, dtype=pl.String)).to_list() == [0] * 5
    both = parties(pl.Series(["KIA and PDF", "P.D.F.", "တပ်မတော်"])).to_list()
    assert [value.bit_count() for value in both] == [2, 1, 1]


ACTORS = st.sampled_from([None, "SAC", "NUG", "KIO", "ULA", "nobody knows"])
EVENT = st.tuples(st.sampled_from([A, B]), st.integers(0, 8), ACTORS, ACTORS)
SIDES = st.tuples(st.lists(EVENT, max_size=9), st.lists(EVENT, max_size=9))


def two_sources(sides: tuple[list, list]) -> pl.DataFrame:
    return clashes(
        *((s, f"{s}{n}", *event) for s, events in zip("ab", sides, strict=True) for n, event in enumerate(events))
    )


def by_enumeration(frame: pl.DataFrame) -> list[tuple[str, str, int, bool]]:
    """Every pair in the declared order, taken where both are free: the rule as it is written, event by event."""
    bits = dict(
        zip(frame["event_id"], zip(parties(frame["actor1"]), parties(frame["actor2"]), strict=True), strict=True)
    )
    rows = {key: [r for r in frame.to_dicts() if r["source_key"] == key] for key in "ab"}
    options = []
    for a in rows["a"]:
        for b in rows["b"]:
            one, other = (x | y for x, y in (bits[a["event_id"]], bits[b["event_id"]]))
            apart, shared = abs((a["event_date"] - b["event_date"]).days), (one & other).bit_count()
            if a["adm3_pcode"] == b["adm3_pcode"] and apart <= 3 and (shared or not one or not other):
                options.append((apart, -shared, a["event_id"], b["event_id"]))
    used: set[str] = set()
    taken = []
    for apart, shared, a, b in sorted(options):
        if not {a, b} & used:
            used |= {a, b}
            taken.append((a, b, apart, shared < 0))
    return sorted(taken)


@examples(12)
@given(SIDES, st.randoms())
def test_matches_are_the_rule_whatever_the_order_of_rows(sides, random) -> None:
    frame = two_sources(sides)
    order = list(range(frame.height))
    random.shuffle(order)
    assert pairs(event_matches(frame[order], END)) == by_enumeration(frame)


@examples(10)
@given(SIDES)
def test_the_other_source_first_gives_the_same_pairs(sides) -> None:
    frame = two_sources(sides)
    swapped = frame.with_columns(pl.col("source_key").replace({"a": "b", "b": "a"}))
    there = [(b, a, apart, agree) for a, b, apart, agree in pairs(event_matches(swapped, END))]
    assert sorted(there) == pairs(event_matches(frame, END))
