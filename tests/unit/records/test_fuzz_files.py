"""Mutated files of every format: refused by one clear line, or read with rows that add up; and order means nothing."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from records_frames import gazetteer, middle
from shared_examples import examples

from pipeline.records.parts import Contradicted
from pipeline.records.triage import Triage
from pipeline.sources import BY_NAME
from pipeline.storage.deliveries import Judged
from tests.fuzz import oracle
from tests.fuzz.batches import Ground, smallest, try_all, try_batch
from tests.fuzz.cases import CHANGES, Case, draw_each
from tests.fuzz.damage import DAMAGES
from tests.fuzz.files import CONTAINERS
from tests.fuzz.oracle import Tally, examine
from tests.fuzz.records import MAKE
from tests.fuzz.settle import make_records, settle

CASES = 6  # of each format; `python -m tests.fuzz` draws as many thousands as asked for
OF_CELLS = ("some_cells", "fitting_cells", "one_column", "duplicate_rows", "swapped_coordinates", "blank_row")


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path / "files", gazetteer(), middle)


def test_mutated_files_are_refused_clearly_or_their_rows_add_up(ground: Ground) -> None:
    cases, tally = draw_each(CASES), Tally()
    faults = try_all(cases, ground, tally)
    assert not faults, f"{len(faults)} faults, such as {smallest(faults[0], ground)}"
    assert (tally.lost, tally.crashes, tally.files) == (0, 0, len(cases))
    assert tally.rows == tally.used + tally.reasons.total()
    # That the run is worth something: most of it was done to files that were read, by every means.
    assert tally.read > len(cases) / 3
    assert tally.refused > len(cases) / 5
    assert len(tally.reasons) > 12, f"rows were set aside for these reasons alone: {', '.join(tally.reasons)}"
    assert {case.format for case in cases} == set(BY_NAME)
    assert {change for case in cases for change in case.changes} == set(CHANGES)
    assert {case.damage for case in cases} == {"", *DAMAGES}
    assert {case.container for case in cases} == set(CONTAINERS)


@pytest.mark.parametrize(("format_name", "container"), zip(sorted(MAKE), cycle(["comma", "xlsx", "parquet"])))
def test_every_row_of_a_sound_file_is_used(ground: Ground, format_name: str, container: str) -> None:
    tally = Tally()
    assert try_batch([Case(format_name, 40, container, 3)], ground, tally) == []
    ends = format_name == "acled_deleted"  # a list of deletions makes no record: every row ends another
    words = f"set aside: {dict(tally.reasons)}; words that `terms` lacks belong in OWN_WORDS of tests/fuzz/invented.py"
    assert (tally.rows, tally.used) == (40, 0 if ends else 40), words


@examples(6, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(MAKE)), st.integers(0, 2**64), st.lists(st.sampled_from(OF_CELLS), max_size=3).map(tuple)
)  # fmt: skip
def test_the_order_of_rows_and_columns_changes_nothing(
    ground: Ground, format_name: str, seed: int, changes: tuple[str, ...]
) -> None:
    plain = Case(format_name, 30, "comma", seed, changes)
    assert _outcome(plain, (), ground) == _outcome(plain, ("reorder_rows", "reorder_columns"), ground)


def _outcome(case: Case, order: tuple[str, ...], ground: Ground) -> object:
    """The records and the set-aside rows of a file without what names the file and the line."""
    folder = ground.folder / str(bool(order))
    folder.mkdir(parents=True, exist_ok=True)
    moved = Case(case.format, case.rows, case.container, case.seed, (*case.changes, *order))
    one = examine(moved, folder, ground.point_of)
    assert one.faults == []
    if one.judged is None:
        return "refused"
    try:
        result = make_records(case.format, [one.judged], ground.gazetteer)
    except Contradicted:  # rows of one township that differ, in any order
        return "refused"
    records = result.kept.drop("row_number", "delivery_id")
    aside = result.set_aside.select("reason", "column_name", "found")
    return sorted(map(repr, records.rows())), sorted(map(repr, aside.rows()))


def _drops_the_last_row(judged: Judged) -> Judged:
    return Judged(judged.delivery, judged.frame.head(-1))


def _blanks_a_cell(judged: Judged) -> Judged:
    return Judged(judged.delivery, judged.frame.with_columns(reference_date=pl.lit(None, pl.String)))


def _repeats_a_row(judged: Judged) -> Judged:
    return Judged(judged.delivery, pl.concat([judged.frame, judged.frame.head(1)]))


@pytest.mark.parametrize(
    ("plant", "word"),
    [(_drops_the_last_row, "not in the mirror"), (_blanks_a_cell, "the mirror has"), (_repeats_a_row, "row numbers")],
)
def test_a_reader_that_loses_or_changes_rows_is_noticed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, plant: Callable[[Judged], Judged], word: str
) -> None:
    judge = oracle.inbox.judge
    monkeypatch.setattr(oracle.inbox, "judge", lambda *given: [plant(one) for one in judge(*given)])
    faults = try_batch([Case("canonical_control", 5, "comma", 1)], ground, Tally())
    assert any(word in fault.what for fault in faults), faults


def _loses_a_row(raw: pl.DataFrame, good: Triage) -> Triage:
    return Triage(good.kept.head(-1), good.set_aside)


def _raises_on_blanks(raw: pl.DataFrame, good: Triage) -> Triage:
    raw.select(pl.col("problem").str.to_integer(strict=True).fill_null(int(str(raw["problem"][0]))))
    return good


def _moves_everyone(raw: pl.DataFrame, good: Triage) -> Triage:
    return Triage(good.kept.with_columns(adm3_pcode=pl.lit("MMR001001")), good.set_aside)


def _invents_a_code(raw: pl.DataFrame, good: Triage) -> Triage:
    return Triage(good.kept.with_columns(adm3_pcode=pl.lit("MMR999999")), good.set_aside)


def _counts_below_zero(raw: pl.DataFrame, good: Triage) -> Triage:
    return Triage(good.kept.with_columns(-pl.col("population_persons") - 1), good.set_aside)


def _counts_one_more(raw: pl.DataFrame, good: Triage) -> Triage:
    return Triage(good.kept.with_columns(pl.col("population_persons") + 1), good.set_aside)


@pytest.mark.parametrize(
    ("plant", "word"),
    [
        (_loses_a_row, "1 lost"),
        (_raises_on_blanks, "crash: ValueError"),
        (_moves_everyone, "placed in MMR001001"),
        (_invents_a_code, "not of the 330"),
        (_counts_below_zero, "is under 0"),
        (_counts_one_more, "where the row says"),
    ],
)
def test_records_that_lose_rows_or_are_wrong_are_noticed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pl.DataFrame, Triage], Triage], word: str
) -> None:
    make = MAKE["canonical_population"]
    monkeypatch.setitem(MAKE, "canonical_population", lambda raw, places: plant(raw, make(raw, places)))
    faults = [f.what for f in try_all([Case("canonical_population", 9, "comma", n) for n in range(2)], ground, Tally())]
    assert any(word in fault for fault in faults), faults


def test_a_message_of_several_lines_or_with_a_path_of_this_machine_is_noticed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> list[Judged]:
        raise oracle.UnusableInput("cannot be read\nTraceback: /usr/lib/python3/x.py")

    monkeypatch.setattr(oracle.inbox, "judge", refuse)
    faults = " ".join(f.what for f in try_batch([Case("canonical_control", 5, "comma", 1)], ground, Tally()))
    assert all(word in faults for word in ("2 lines", "does not name the file", "shows what is inside"))


def test_the_smallest_case_is_given_as_the_example(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MAKE, "canonical_control", lambda raw, places: Triage(raw.clear(), raw.clear()))
    faults = try_batch([Case("canonical_control", 30, "tab", 7, ("reorder_rows", "total_row"))], ground, Tally())
    (case,) = smallest(faults[0], ground).cases
    assert (case.rows, case.container, case.changes, case.seed) == (1, "comma", (), 0)


def test_settling_nothing_finds_nothing(ground: Ground) -> None:
    assert settle([], ground.gazetteer, Tally()) == []
