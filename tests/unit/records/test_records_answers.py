"""Several records of one township and day: confidence decides, else they contradict each other and are counted."""

from datetime import date
from itertools import zip_longest

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from records_frames import ANSWER, RECEIVED, reported, rows_of
from shared_examples import examples

from pipeline.declare.codes import SERVICE_ITEMS, Reason
from pipeline.records.triage import Triage, accounts

LATER = "2024-06-02T08:00:00.000000+00:00"
DAY = {"reference_date": "2023-01-01", "adm3_pcode": "MMR001001"}


def accounted(made: Triage, *frames: pl.DataFrame) -> Triage:
    came = pl.concat([frame.select("delivery_id", "row_number") for frame in frames])
    accounts(came, made.kept.with_columns(pl.lit(None, pl.Date).alias("day")), made.set_aside, "test")
    return made


def control(*frames: pl.DataFrame) -> Triage:
    return accounted(reported("control", canonical_control=pl.concat(frames)), *frames)


def held(*says: tuple[str, str, str], delivery: str = "d1", received: str = RECEIVED, **more: str) -> pl.DataFrame:
    """Rows of one day: controller, confidence, source."""
    rows = [DAY | {"controller": c, "confidence": f, "source": s} | more for c, f, s in says]
    return rows_of("canonical_control", rows, delivery, received)


def stands(made: Triage) -> list[tuple[str, int]]:
    return sorted(made.kept.select("controller", "conflicting_records_count").rows())


def why(made: Triage) -> list[str]:
    return sorted(made.set_aside["reason"].to_list())


CONFIDENCES: list[tuple[list[tuple[str, str, str]], list[tuple[str, int]], list[str]]] = [
    ([("state", "high", ""), ("contested", "low", "")], [("state", 0)], [Reason.OUTWEIGHED]),
    ([("state", "low", "A"), ("resistance", "high", "B")], [("resistance", 0)], [Reason.OUTWEIGHED]),
    ([("resistance", "High", "A"), ("state", "medium", "Z")], [("resistance", 0)], [Reason.OUTWEIGHED]),
    ([("state", "medium", "A"), ("other", "", "B")], [("state", 0)], [Reason.OUTWEIGHED]),
    ([("state", "low", "A"), ("other", "", "B")], [("other", 2), ("state", 2)], []),
    ([("state", "high", "A"), ("other", "high", "A")], [("other", 2), ("state", 2)], []),
    ([("state", "high", "A"), ("other", "as told", "B")], [("other", 2), ("state", 2)], []),
    ([("state", "high", "A"), ("state", "low", "B")], [("state", 0), ("state", 0)], []),
    ([("state", "low", "A"), ("unknown", "high", "B")], [("state", 0)], [Reason.OUTWEIGHED]),
    ([("unknown", "", "A")], [("unknown", 0)], []),
    ([("state", "high", "A"), ("state", "high", "A")], [("state", 0)], [Reason.DUPLICATE_ROW]),
    (
        [("state", "high", "A"), ("other", "high", "B"), ("resistance", "low", "C"), ("state", "low", "D")],
        [("other", 3), ("state", 3), ("state", 3)],
        [Reason.OUTWEIGHED],
    ),
]


def test_confidence_decides_between_records_of_a_day_else_they_contradict() -> None:
    """Each case is of a day of its own, all of them in one file, and then each record of a day in a file of its own."""
    days = [str(date(2023, 1, day)) for day in range(1, len(CONFIDENCES) + 1)]
    expected = [(left, reasons) for _, left, reasons in CONFIDENCES]

    def found(made: Triage, *frames: pl.DataFrame) -> list[tuple[list[tuple[str, int]], list[str]]]:
        day = pl.concat(frames).select("delivery_id", "row_number", "reference_date")
        aside = made.set_aside.join(day, on=["delivery_id", "row_number"])
        kept = made.kept.with_columns(pl.col("reference_date").cast(pl.String))
        return [
            tuple(of(Triage(*(part.filter(reference_date=one) for part in (kept, aside)))) for of in (stands, why))
            for one in days
        ]

    rows = [[DAY | {"reference_date": day, "controller": c, "confidence": f, "source": s} for c, f, s in case]
            for day, (case, *_) in zip(days, CONFIDENCES, strict=True)]  # fmt: skip
    together = rows_of("canonical_control", [row for case in rows for row in case])
    assert found(control(together), together) == expected
    each = [rows_of("canonical_control", [row for row in of_place if row], f"d{n}")
            for n, of_place in enumerate(zip_longest(*rows))]  # fmt: skip
    assert found(control(*each), *each) == expected, "neither does it matter in which file they stand"


def test_what_was_found_says_why_a_record_is_outweighed() -> None:
    made = control(held(("state", "high", ""), ("other", "", "")))
    assert made.set_aside.select("column_name", "found").row(0) == ("controller", "other, confidence not stated")


def test_a_newer_statement_of_the_same_source_replaces_and_another_sources_does_not() -> None:
    first = held(("state", "high", "A"), ("other", "high", "A"))
    corrected = held(("resistance", "low", "A"), delivery="d2", received=LATER)
    made = control(first, corrected)
    assert (stands(made), why(made)) == ([("resistance", 0)], [Reason.SUPERSEDED] * 2)
    another = held(("resistance", "high", "B"), delivery="d2", received=LATER)
    assert stands(control(held(("state", "high", "A")), another)) == [("resistance", 2), ("state", 2)]
    old = held(("state", "high", "A"), updated_at="2023-02-02")
    late = held(("other", "high", "A"), delivery="d2", received=LATER, updated_at="2023-02-01")
    made = control(old, late)
    assert (stands(made), why(made)) == ([("state", 0)], [Reason.SUPERSEDED]), "an older export that comes late"


def test_other_days_and_townships_contradict_nothing() -> None:
    rows = [DAY | {"controller": "state"}, DAY | {"controller": "other", "reference_date": "2023-01-02"},
            DAY | {"controller": "other", "adm3_pcode": "MMR001002"}]  # fmt: skip
    made = control(rows_of("canonical_control", rows))
    assert made.set_aside.is_empty()
    assert made.kept["conflicting_records_count"].to_list() == [0, 0, 0]


def test_an_old_code_is_kept_or_set_aside_whole() -> None:
    rows = [DAY | {"adm3_pcode": "MMR013008", "controller": c, "confidence": f}
            for c, f in (("state", "high"), ("other", "low"), ("state", "high"))]  # fmt: skip
    made = control(rows_of("canonical_control", rows))
    assert made.kept.select("adm3_pcode", "controller").rows() == [("MMR013046", "state"), ("MMR013047", "state")]
    assert why(made) == [Reason.DUPLICATE_ROW, Reason.OUTWEIGHED]


def asked(*rows: dict[str, str], delivery: str = "d1", received: str = RECEIVED) -> pl.DataFrame:
    return rows_of("survey_services", [ANSWER | row for row in rows], delivery, received)


def services(survey: pl.DataFrame, canonical: pl.DataFrame | None = None) -> Triage:
    own = rows_of("canonical_services", []) if canonical is None else canonical
    return accounted(reported("services", canonical_services=own, survey_services=survey), own, survey)


def test_two_informants_of_a_day_both_stand_whatever_the_hour() -> None:
    early = {"uuid": "u1", "electricity": "no", "water_supply": "", "submission_time": "2023-01-02T01:00:00"}
    late = {"uuid": "u2", "electricity": "yes", "water_supply": "no", "submission_time": "2023-01-02T23:00:00"}
    for frame in (asked(early, late), asked(late, early), asked(early | {"submission_time": "2023-01-03"}, late)):
        made = services(frame)
        assert made.set_aside.is_empty()
        assert sorted(made.kept["electricity"]) == ["no", "yes"]
        assert made.kept["conflicting_records_count"].to_list() == [2, 2]
    agreeing = services(asked(early, late | {"electricity": ""}))
    assert agreeing.kept["conflicting_records_count"].to_list() == [0, 0], "what one leaves open the other fills in"
    two = pl.concat([asked(early), asked(late, delivery="d2", received=LATER)])
    assert services(two).kept["conflicting_records_count"].to_list() == [2, 2], "nor does a later export replace"


def test_a_revised_version_of_one_submission_replaces_it() -> None:
    later = {"electricity": "no", "submission_time": "2023-01-02T23:00:00"}
    made = services(asked({"electricity": "yes"}, later))
    assert made.kept["electricity"].to_list() == ["no"]
    assert why(made) == [Reason.SUPERSEDED]


def test_rows_of_a_canonical_file_are_statements_of_their_source() -> None:
    row = {"survey_date": "2023-01-01", "adm3_pcode": "MMR001001", "electricity": "no"}
    differing = rows_of("canonical_services", [row, row | {"electricity": "partial"}, row, row | {"salaries": "no"}])
    made = services(asked(), differing)
    assert made.kept["conflicting_records_count"].to_list() == [3, 3, 3]
    assert why(made) == [Reason.DUPLICATE_ROW]
    kinds = rows_of("canonical_services", [row | {"informant_kind": kind} for kind in ("media", "resident")])
    assert services(asked(), kinds).set_aside.is_empty(), "two informants who agree are not one"
    newer = rows_of("canonical_services", [row | {"electricity": "yes"}], "d2", LATER)
    made = services(asked(), pl.concat([differing, newer]))
    assert (made.kept["electricity"].to_list(), made.kept["conflicting_records_count"].to_list()) == (["yes"], [0])


_HELD = st.tuples(
    st.sampled_from(["state", "resistance", "unknown"]), st.sampled_from(["high", "low", "", "?"]),
    st.sampled_from(["A", "B"]), st.sampled_from(["", "2023-02-01", "2023-02-02"]), st.sampled_from(["d1", "d2"]),
    st.sampled_from(["MMR001001", "MMR013008", "MMR013046"]),
)  # fmt: skip


@examples(5)
@given(st.lists(_HELD, min_size=1, max_size=7), st.randoms(use_true_random=False), st.booleans())
def test_neither_the_order_of_rows_nor_of_files_changes_which_records_stand(
    rows: list[tuple[str, ...]], random, renamed: bool
) -> None:  # type: ignore[no-untyped-def]
    def made(order: list[tuple[str, ...]], names: dict[str, str]) -> list[tuple[object, ...]]:
        cells = ("controller", "confidence", "source", "updated_at")
        files = {name: [DAY | dict(zip(cells, row, strict=False)) | {"adm3_pcode": row[5]} for row in order
                        if row[4] == name] for name in names}  # fmt: skip
        frames = [rows_of("canonical_control", said, names[name]) for name, said in files.items()]
        found = control(*frames).kept
        return sorted(found.select("adm3_pcode", "controller", "source", "conflicting_records_count").rows())

    shuffled = rows.copy()
    random.shuffle(shuffled)
    other = {"d2": "a", "d1": "b"} if renamed else {"d2": "d2", "d1": "d1"}
    assert made(rows, {"d1": "d1", "d2": "d2"}) == made(shuffled, other)


_ASKED = st.tuples(st.sampled_from(["u1", "u2", "u3"]), st.text("ypnu", min_size=5, max_size=5), st.integers(0, 23))
_WORDS = {"y": "yes", "p": "partial", "n": "no", "u": ""}


@examples(5)
@given(st.lists(_ASKED, min_size=1, max_size=4, unique_by=lambda one: one[0]), st.permutations(range(24)))
def test_the_hour_of_submission_changes_no_answer(given_answers: list[tuple[str, str, int]], hours: list[int]) -> None:
    def made(hour_of: list[int]) -> list[tuple[object, ...]]:
        rows = [
            {"uuid": uuid, "submission_time": f"2023-01-02T{hour_of[hour]:02}:00:00"}
            | {item: _WORDS[letter] for item, letter in zip(SERVICE_ITEMS, letters, strict=True)}
            for uuid, letters, hour in given_answers
        ]
        return sorted(services(asked(*rows)).kept.select(*SERVICE_ITEMS, "conflicting_records_count").rows())

    assert made(list(range(24))) == made(hours)
