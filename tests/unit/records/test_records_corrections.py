"""corrections.toml: what may stand in it, what it does to rows, and the guards that end a run."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records_frames import CLASH, gazetteer

from pipeline.declare.codes import CorrectionAction, Reason
from pipeline.declare.corrections import Correction, in_force, known_by, refuse_future
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REFERENCE, Home
from pipeline.ingest.corrections import read, read_all
from pipeline.records.clashes import current_clashes
from pipeline.records.corrections import accepted_losses, acknowledged, corrected, require_used, summary
from pipeline.records.events import canonical_events
from pipeline.records.parsing import trusted_silence, with_delivery
from pipeline.records.triage import accounts
from pipeline.sources import BY_NAME

SOUND = """
[[correction]]
id = "team-e1"
kind = "clashes"
format = "canonical_clashes"
match = {event_id = "e1"}
column = "fatalities"
was = "100"
becomes = "10"
reason = "A zero too many."
date = 2024-06-10
expires = 2025-06-10
"""
ACKNOWLEDGED = """
[[correction]]
id = "camps"
kind = "displacement"
action = "acknowledge"
adm3_pcode = "MMR001001"
reference_date = 2023-01-01
reason = "Camps of three townships."
date = 2024-06-10
expires = 2025-06-10
"""


def entry(text: str = SOUND, shared: bool = True, **change: object) -> Correction:
    """The one entry of a text, some of its fields changed."""
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "corrections.toml"
        path.write_text(text, encoding="utf-8")
        (one,) = read(path, shared)
    return replace(one, **change)  # type: ignore[arg-type]


def mirror(*rows: dict[str, str], delivery: str = "d1") -> pl.DataFrame:
    columns = dict.fromkeys([*BY_NAME["canonical_clashes"].columns, "problem", "problem_found", "extra"], pl.String)
    return pl.DataFrame(list(rows), schema=columns, orient="row").with_columns(
        pl.lit(delivery).alias("delivery_id"), pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("row_number")
    )


def deliveries(*ids: str) -> pl.DataFrame:
    """Delivered one day after another, in the order of the ids given."""
    rows = [
        {"delivery_id": one, "kind": "clashes", "format": "canonical_clashes", "source": "Our monitors",
         "source_key": "canonical_clashes", "received": f"2024-06-{n:02}T08:00:00+00:00", "file_name": f"{one}.csv",
         "date_format": None, "reference_date": None, "received_at": date(2024, 6, n)}
        for n, one in enumerate(ids or ("d1",), 1)
    ]  # fmt: skip
    return pl.DataFrame(rows).cast({"reference_date": pl.Date, "date_format": pl.String})


E1, E2 = CLASH | {"fatalities": "100"}, CLASH | {"event_id": "e2", "fatalities": "100"}


def test_the_shipped_file_has_no_active_entry_and_its_example_is_sound(tmp_path: Path) -> None:
    assert read(REFERENCE / "corrections.toml", shared=True) == []
    lines = (REFERENCE / "corrections.toml").read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line == "# [[correction]]")
    example = [line[2:] for line in lines[start:] if line.startswith("# ") and (" = " in line or "[[" in line)]
    example = [line for line in example if not line.startswith("To ")]
    (tmp_path / "corrections.toml").write_text("\n".join(example), encoding="utf-8")
    assert [one.id for one in read(tmp_path / "corrections.toml", shared=False)] == [
        "ucdp-48528-best", "host-community-example",
    ]  # fmt: skip


LOST = """
[[correction]]
id = "old-list"
kind = "displacement"
action = "acknowledge"
delivery = "0123456789abcdef"
reason = "Half of the list are places abroad."
date = 2024-06-10
expires = 2025-06-10
"""


def lost(share: float) -> pl.DataFrame:
    said = {"delivery_id": "0123456789abcdef", "kind": "displacement", "file_name": "old.csv", "fault_share": share}
    return pl.DataFrame([said])


def test_the_loss_of_a_named_delivery_is_accepted_and_its_rows_stand_as_acknowledged() -> None:
    rows = pl.DataFrame({"delivery_id": ["0123456789abcdef", "d2"], "row_number": [3, 4]})
    made = accepted_losses([entry(LOST)], lost(0.6), rows)
    assert made.rows["delivery_id"].to_list() == ["0123456789abcdef"]
    assert made.applied.select("correction_id", "row_number").rows() == [("old-list", 3)]
    require_used([entry(LOST)], made.applied)
    assert "delivery 0123456789abcdef" in entry(LOST).sentence(1)


def test_an_accepted_loss_that_is_none_any_more_ends_the_run() -> None:
    with pytest.raises(UnusableInput, match=r"no more than half of its rows .* remove correction old-list"):
        accepted_losses([entry(LOST)], lost(0.5), pl.DataFrame({"delivery_id": ["d"], "row_number": [1]}))
    gone = accepted_losses([entry(LOST)], lost(0.6).head(0), pl.DataFrame({"delivery_id": ["d"], "row_number": [1]}))
    with pytest.raises(UnusableInput, match="no delivery 0123456789abcdef of displacement is in force"):
        require_used([entry(LOST)], gone.applied)


@pytest.mark.parametrize("change", ['delivery = "old.csv"', 'delivery = "0123456789abcdef"\nadm3_pcode = "MMR001001"'])
def test_a_delivery_is_named_by_its_id_alone(change: str) -> None:
    with pytest.raises(UnusableInput, match="16 letters and digits"):
        entry(LOST.replace('delivery = "0123456789abcdef"', change))


def test_the_matching_cell_is_replaced_and_the_mirror_stays() -> None:
    raw = mirror(E1, E2)
    made = corrected(raw, [entry()], deliveries())
    assert made.rows["fatalities"].to_list() == ["10", "100"]
    assert made.rows.drop("fatalities").equals(raw.drop("fatalities"))
    assert raw["fatalities"].to_list() == ["100", "100"]
    assert made.applied.select("correction_id", "row_number", "column_name", "was", "becomes").rows() == [
        ("team-e1", 2, "fatalities", "100", "10")
    ]


def test_without_entries_nothing_changes() -> None:
    raw = mirror(E1, E2)
    made = corrected(raw, [], deliveries())
    assert made.rows is raw
    assert made.applied.is_empty()


def test_a_whole_number_is_the_same_in_every_export_and_other_text_is_exact() -> None:
    made = corrected(mirror(E1 | {"event_id": "7.0", "fatalities": "100.0"}), [entry(match=(("event_id", "7"),))],
                     deliveries())  # fmt: skip
    assert made.rows["fatalities"].to_list() == ["10"]
    for other in ("7.5", "07", " 7", "7a", "70"):
        assert corrected(
            mirror(E1 | {"event_id": other}), [entry(match=(("event_id", "7"),))], deliveries()
        ).applied.is_empty()


def test_a_row_set_aside_stands_there_with_its_correction_and_the_accounts_hold() -> None:
    text = SOUND.replace('becomes = "10"\n', 'action = "set_aside"\n')
    known = deliveries()
    made = corrected(mirror(E1, E2), [entry(text)], known)
    records = current_clashes([canonical_events(with_delivery(made.rows, known))], gazetteer())
    assert records.set_aside.select("row_number", "reason", "found").rows() == [
        (2, Reason.CORRECTED_OUT, "correction team-e1")
    ]
    used = records.records.select("delivery_id", "row_number", pl.col("event_date").alias("day"))
    assert accounts(made.rows, used, records.set_aside, "test")["rows_used_count"].to_list() == [1]
    # What was taken out was not silence.
    said = pl.DataFrame(
        {"delivery_id": ["d1"], "absence_means": ["zero"], "coverage": pl.Series([None], dtype=pl.String)}
    )
    assert trusted_silence(said, records.set_aside)["absence_means"].to_list() == ["unknown"]


def test_every_delivery_of_the_row_is_mended_and_an_older_one_may_have_had_it_right() -> None:
    both = pl.concat([mirror(E1, delivery="d1"), mirror(E1, delivery="d2")])
    assert corrected(both, [entry()], deliveries("d1", "d2")).rows["fatalities"].to_list() == ["10", "10"]
    right = pl.concat([mirror(E1 | {"fatalities": "9"}, delivery="d1"), mirror(E1, delivery="d2")])
    assert corrected(right, [entry()], deliveries("d1", "d2")).rows["fatalities"].to_list() == ["9", "10"]


def test_a_newer_delivery_with_another_value_ends_the_run() -> None:
    mended = pl.concat([mirror(E1, delivery="d1"), mirror(E1 | {"fatalities": "10"}, delivery="d2")])
    with pytest.raises(UnusableInput, match=r"'10' in the newest.*source has mended it: remove correction team-e1"):
        corrected(mended, [entry()], deliveries("d1", "d2"))
    corrected(mended, [entry()], deliveries("d2", "d1"))  # there the error is the newer


@pytest.mark.parametrize(("rows", "stated"), [((E1, E1), 1), ((E1,), 2)])
def test_another_number_of_rows_ends_the_run(rows: tuple[dict[str, str], ...], stated: int) -> None:
    with pytest.raises(UnusableInput, match=rf"{len(rows)} rows of delivery d1 .*{stated} expected"):
        corrected(mirror(*rows), [entry(rows=stated)], deliveries())
    assert corrected(mirror(*rows), [entry(rows=len(rows))], deliveries()).applied.height == len(rows)


def test_rows_no_longer_in_force_are_mended_and_judge_no_entry() -> None:
    gone = mirror(E1, E1 | {"fatalities": "7"}, E2)
    with pytest.raises(UnusableInput, match="2 rows"):
        corrected(mirror(E1, E1), [entry()], deliveries())
    made = corrected(gone, [entry()], deliveries(), in_force=False)
    assert made.rows["fatalities"].to_list() == ["10", "7", "100"]
    mended_since = mirror(E1 | {"fatalities": "7"})
    assert corrected(mended_since, [entry()], deliveries(), in_force=False).rows.equals(mended_since)


def test_an_entry_that_meets_no_row_ends_the_run() -> None:
    made = corrected(mirror(E2), [entry()], deliveries())
    with pytest.raises(UnusableInput, match=r"no delivered row with event_id 'e1' \(0 rows, 1 expected\)"):
        require_used([entry()], made.applied)
    require_used([entry()], corrected(mirror(E1), [entry()], deliveries()).applied)


def test_a_source_narrows_what_an_entry_concerns() -> None:
    ours, theirs = entry(source="Our monitors"), entry(source="Theirs")
    assert corrected(mirror(E1), [ours], deliveries()).applied.height == 1
    assert corrected(mirror(E1), [theirs], deliveries()).applied.is_empty()
    assert not theirs.fits("clashes", "canonical_clashes", "Our monitors", "canonical_clashes")
    assert not ours.fits("control", "canonical_control", "Our monitors", "canonical_control")


def test_two_entries_on_one_cell_end_the_run_and_on_two_cells_do_not() -> None:
    twice = entry(id="again", becomes="11")
    with pytest.raises(UnusableInput, match=r"again and team-e1 mend the same cell of delivery d1, line 2"):
        corrected(mirror(E1), [entry(), twice], deliveries())
    other = entry(id="again", column="event_type", was="clash", becomes="other")
    made = corrected(mirror(E1), [entry(), other], deliveries())
    assert made.rows.select("fatalities", "event_type").rows() == [("10", "other")]


@given(st.permutations(range(6)), st.integers(0, 5))
def test_order_of_rows_changes_nothing(order: list[int], hit: int) -> None:
    rows = [CLASH | {"event_id": f"e{n}", "fatalities": "100"} for n in range(6)]
    made = corrected(mirror(*(rows[n] for n in order)), [entry(match=(("event_id", f"e{hit}"),))], deliveries())
    assert dict(made.rows.select("event_id", "fatalities").rows()) == {
        f"e{n}": "10" if n == hit else "100" for n in range(6)
    }


def test_the_day_of_an_entry_decides_whether_it_holds() -> None:
    one, received = entry(), date(2024, 6, 1)
    assert known_by([one], None, received) == date(2024, 6, 10)
    assert in_force([one], None, date(2024, 6, 10)) == (one,)
    # An earlier edition is made again without it, and a later one with it.
    assert known_by([one], date(2024, 6, 9), received) == received
    assert in_force([one], date(2024, 6, 9), received) == ()
    assert in_force([one], date(2024, 6, 10), date(2024, 6, 10)) == (one,)
    refuse_future([one], date(2024, 6, 10))
    with pytest.raises(UnusableInput, match="lies in the future"):
        refuse_future([one], date(2024, 6, 9))


def test_an_ended_entry_holds_for_editions_up_to_its_end() -> None:
    ended = entry(until=date(2024, 7, 31))
    assert in_force([ended], date(2024, 7, 31), known_by([ended], date(2024, 7, 31), date(2024, 6, 1))) == (ended,)
    # The end is knowledge too: without a newer delivery it takes effect all the same.
    assert in_force([ended], None, known_by([ended], None, date(2024, 6, 1))) == ()


def test_an_expired_entry_ends_the_run_by_the_day_of_knowledge() -> None:
    one = entry()
    assert in_force([one], None, date(2025, 6, 10)) == (one,)
    with pytest.raises(UnusableInput, match=r"team-e1 expired on 2025-06-10.*renew expires, or end it"):
        in_force([one], None, date(2025, 6, 11))
    assert in_force([one], date(2025, 6, 9), date(2025, 6, 9)) == (one,)
    assert in_force([entry(until=date(2025, 6, 1))], None, date(2025, 6, 11)) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("column =", "colum ="), "'colum' is not read"),
        (('"fatalities"', '"deaths"'), "'deaths' is no column of canonical_clashes"),
        (('{event_id = "e1"}', '{eventid = "e1"}'), "'eventid' is no column of canonical_clashes"),
        (('{event_id = "e1"}', "{}"), "match must name columns"),
        (('{event_id = "e1"}', "{event_id = 1}"), "match must name columns"),
        (('column = "fatalities"', 'column = "row_number"'), "cannot be corrected"),
        (('id = "team-e1"', 'id = "Hla Hla said so"'), "must be 2 to 60 of"),
        (('kind = "clashes"', 'kind = "boundaries"'), "kind is 'boundaries'"),
        (('format = "canonical_clashes"', 'format = "hpc_baseline"'), "format is 'hpc_baseline'"),
        (('format = "canonical_clashes"\n', ""), "format or source is missing"),
        (('reason = "A zero too many."\n', ""), "reason is missing"),
        (("A zero too many.", " "), "reason is ' '"),
        (("date = 2024-06-10\n", ""), "date is missing"),
        (("date = 2024-06-10\n", 'date = "2024-06-10"\n'), "date is '2024-06-10'"),
        (("date = 2024-06-10\n", "date = 2024-06-10T08:00:00\n"), "write a day such as"),
        (("expires = 2025-06-10\n", ""), "expires is missing"),
        (("expires = 2025-06-10", "expires = 2026-06-12"), "within two years"),
        (("expires = 2025-06-10", "expires = 2024-06-09"), "within two years"),
        (("expires = 2025-06-10", "expires = 2025-06-10\nuntil = 2024-06-01"), "until 2024-06-01 lies before"),
        (('was = "100"\n', ""), "was is missing"),
        (('becomes = "10"', "becomes = 10"), "becomes is 10"),
        (('becomes = "10"', 'becomes = "100"'), "both '100'"),
        (("expires", "rows = 0\nexpires"), "rows 0"),
        (('becomes = "10"', 'becomes = "10"\naction = "delete"'), "action is 'delete'"),
        (('becomes = "10"', 'becomes = "10"\naction = "set_aside"'), "'becomes' is not read with action 'set_aside'"),
        (("[[correction]]", "[[corrections]]"), "each entry begins with [[correction]]"),
        (("[[correction]]", "[[correction]"), "not valid TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_file_entry_and_remedy(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    assert change[0] in SOUND
    path = tmp_path / "corrections.toml"
    path.write_text(SOUND.replace(*change, 1), encoding="utf-8")
    with pytest.raises(UnusableInput) as told:
        read(path, shared=False)
    assert words in str(told.value)
    assert str(path) in str(told.value)


def test_both_files_are_read_and_an_id_stands_once(tmp_path: Path) -> None:
    shared, own = tmp_path / "reference", tmp_path / "home"
    for folder in (shared, own):
        folder.mkdir()
        (folder / "corrections.toml").write_text(SOUND, encoding="utf-8")
    with pytest.raises(UnusableInput, match=r"'team-e1' stands in .*reference.* too"):
        read_all(Home(own), shared)
    (own / "corrections.toml").write_text(SOUND.replace("team-e1", "a-home-one"), encoding="utf-8")
    assert [(one.id, one.shared) for one in read_all(Home(own), shared)] == [("a-home-one", False), ("team-e1", True)]
    assert read_all(Home(tmp_path / "none"), tmp_path) == ()


def test_a_release_says_the_reasons_of_the_repository_and_not_of_an_instance() -> None:
    applied = corrected(mirror(E1), [entry()], deliveries()).applied
    one = summary(applied, [entry()]).row(0, named=True)
    assert (one["rows_count"], one["correction_reason"]) == (1, "A zero too many.")
    own = summary(applied, [entry(shared=False)]).row(0, named=True)
    assert (own["rows_count"], own["correction_reason"], own["correction_id"]) == (1, None, "team-e1")


def test_what_an_entry_says_is_part_of_a_release_and_where_it_stands_is_not() -> None:
    assert entry().content != entry(becomes="11").content
    assert entry().content != entry(shared=False).content  # its reason is published or not
    assert entry().content == entry(where="elsewhere").content


def displaced(persons: int | None, stock: int | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {"adm3_pcode": ["MMR001001"], "reference_date": [date(2023, 1, 1)], "idps_new_persons": [persons],
         "idps_stock_persons": [stock], "delivery_id": ["d1"], "row_number": [7]},
        schema_overrides={"idps_new_persons": pl.Int64, "idps_stock_persons": pl.Int64},
    )  # fmt: skip


def test_an_acknowledgement_accepts_one_report_and_only_while_it_is_above_the_population() -> None:
    people = pl.DataFrame({"adm3_pcode": ["MMR001001", "MMR001002"], "population_persons": [100, None]})
    one = entry(ACKNOWLEDGED)
    assert one.action == CorrectionAction.ACKNOWLEDGE
    for frame in (displaced(101), displaced(None, 101)):
        made = acknowledged([one], frame, people)
        assert made.rows.select("adm3_pcode", "reference_date").rows() == [("MMR001001", date(2023, 1, 1))]
        assert made.applied.select("correction_id", "row_number").rows() == [("camps", 7)]
    with pytest.raises(UnusableInput, match="remove correction camps"):
        acknowledged([one], displaced(100), people)
    nothing = acknowledged([one], displaced(101).clear(), people)
    with pytest.raises(UnusableInput, match="no report on MMR001001 for 2023-01-01"):
        require_used([one], nothing.applied)
    with pytest.raises(UnusableInput, match="of services only a delivery that lost most"):
        entry(ACKNOWLEDGED.replace('"displacement"', '"services"'))
