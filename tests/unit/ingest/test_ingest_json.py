"""JSON records: the text a CSV would hold, every record accounted for, an error answer refused with what it says."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import Kind, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import inbox, json_table
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import Mirror, read_table
from pipeline.storage.content_hash import content_hash

EVENT = {"event_id": "e1", "event_date": "2022-03-04", "event_type": "clash", "adm3_pcode": "MMR001001"}


def read(folder: Path, content: object, name: str = "events.json", **sidecar: object) -> Mirror:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return read_table(path, Kind.CLASHES, Sidecar(**sidecar))  # type: ignore[arg-type]


def refused(folder: Path, content: object, *words: str, name: str = "events.json") -> str:
    with pytest.raises(UnusableInput) as caught:
        read(folder, content, name)
    message = str(caught.value)
    assert [word for word in (name, *words) if word not in message] == [], message
    return message


def events(count: int, **more: object) -> list[dict[str, object]]:
    return [EVENT | {"event_id": f"e{n}"} | more for n in range(count)]


@pytest.mark.parametrize("wrap", [list, lambda e: {"data": e}, lambda e: {"Result": e, "TotalPages": 1},
                                  lambda e: {"results": e, "data": [], "status": 200}])  # fmt: skip
def test_an_array_and_the_envelopes_of_known_interfaces(tmp_path: Path, wrap) -> None:  # type: ignore[no-untyped-def]
    mirror = read(tmp_path, wrap(events(3)))
    assert mirror.format == "canonical_clashes"
    assert mirror.frame.select("row_number", "event_id").rows() == [(1, "e0"), (2, "e1"), (3, "e2")]
    assert mirror.notes == ()


@pytest.mark.parametrize("name", ["events.ndjson", "events.jsonl", "events.json"])
def test_one_record_a_line(tmp_path: Path, name: str) -> None:
    lines = "\n\n".join(json.dumps(e) for e in events(2)) + "\r\n"
    assert read(tmp_path, lines, name).frame["row_number"].to_list() == [1, 2]


def test_numbers_and_truth_become_the_text_that_they_are(tmp_path: Path) -> None:
    text = ('[{"event_id": 12345678901234567890, "event_date": "2022-03-04", "event_type": "clash", "fatalities": 1.0, '
            '"longitude": 96.10, "latitude": 2e1, "deleted": true, "source": null, "actor1": NaN}]')  # fmt: skip
    columns = ["event_id", "fatalities", "longitude", "latitude", "deleted", "source", "actor1"]
    row = read(tmp_path, text).frame.select(columns).row(0)
    assert row == ("12345678901234567890", "1.0", "96.10", "2e1", "true", None, "NaN")


def test_records_with_differing_names_have_the_union_of_them(tmp_path: Path) -> None:
    mirror = read(tmp_path, [EVENT, EVENT | {"event_id": "e2", "fatalities": 3, "remark": "x"}])
    assert mirror.frame["fatalities"].to_list() == [None, "3"]
    assert mirror.frame["extra"].to_list() == ["{}", '{"remark": "x"}']


def test_lists_are_not_kept_and_told(tmp_path: Path) -> None:
    mirror = read(tmp_path, [EVENT | {"geometry": [{"type": "Point"}], "tags": []}])
    assert "nested values not kept: geometry, tags" in mirror.notes[0]
    assert mirror.frame["extra"].to_list() == [None]


def test_values_of_an_object_stand_under_its_name(tmp_path: Path) -> None:
    mirror = read(tmp_path, [EVENT | {"review": {"uid": "rejected", "by": {"team": "a"}}, "none": {}}])
    assert mirror.frame["extra"].to_list() == ['{"review/uid": "rejected", "review/by/team": "a"}']


def test_an_object_that_gives_a_name_of_the_record_again_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, [EVENT | {"a": {"b": "1"}, "a/b": "2"}], "record 1", "'a/b'")
    doubled = json.dumps([EVENT | {"place": {}}]).replace('"place": {}', '"place": {"x": "1", "x": "2"}')
    assert "'place/x'" in " ".join(read(tmp_path, doubled).notes)
    groups = json.dumps([{k: v for k, v in EVENT.items() if k != "event_id"} | {"event_id": "1"}])
    twice = groups.replace('"event_id": "1"', '"event_id": "1", "event_id": "2"')
    refused(tmp_path, twice, "record 1", "'event_id'", "keep one")


def test_what_is_no_record_is_set_aside_by_its_position(tmp_path: Path) -> None:
    mirror = read(tmp_path, [*events(30), "and so on"])
    broken = mirror.frame.filter(pl.col("problem").is_not_null())
    assert broken.select("row_number", "problem").rows() == [(31, Reason.RAGGED_ROW)]
    nul = read(tmp_path, [*events(30), EVENT | {"event_id": "e\x00"}]).frame
    assert nul.filter(pl.col("problem") == Reason.NUL_BYTES)["row_number"].to_list() == [31]
    refused(tmp_path, [*events(2), 5], "1 of 3 rows")
    refused(tmp_path, [["event_id"], ["e1"]], "holds no records")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"status": 403, "message": "Access denied: accept terms"}, ["error answer", "accept terms", "403"]),
        ({"success": False, "error": {"code": 401, "message": "expired"}, "data": []}, ["error answer", "expired"]),
        ({"errors": [{"detail": "no such version"}, "and more"]}, ["no such version", "and more"]),
        ({"data": []}, ["'data' is empty", "query"]),
        ([], ["empty list"]),
        ({"data": events(1), "results": events(1)}, ["'data' and 'results'"]),
        ({"features": [], "type": "FeatureCollection"}, ["'features'", "'type'", "data, Result, results"]),
        ("3", ["single JSON value"]),
        ("<!DOCTYPE html><p>Sign in", ["HTML"]),
        ("event_id,event_date\n1,2\n", ["not valid JSON", "line 1"]),
        (" \n", ["blanks"]),
        ("", ["empty"]),
        ("[" * 100_000, ["nested too deep"]),
        ('[{"event_id": "\\ud800"}]', ["record 1", "character pair"]),
    ],
)  # fmt: skip
def test_answers_without_records_are_refused_with_what_they_say(
    tmp_path: Path, content: object, words: list[str]
) -> None:
    refused(tmp_path, content, *words)


def test_what_an_error_answer_says_is_short_and_holds_no_key(tmp_path: Path) -> None:
    hidden = "s3cr3tS3cr3tS3cr3tS3cr3tS3cr3t"
    for text in (f"Bad token: {hidden}", f"key={hidden[:9]} refused", f"sent {hidden}", "for someone@example.org"):
        message = refused(tmp_path, {"message": text + " " + "long " * 80}, "…")
        assert hidden[:9] not in message
        assert "@" not in message
        assert len(message) < 300


def test_a_file_that_was_cut_off_is_refused_with_the_place(tmp_path: Path) -> None:
    whole = json.dumps(events(3), indent=1)
    refused(tmp_path, whole[:-40], f"line {whole[:-40].count(chr(10)) + 1}", "offset", "cut")
    lines = "\n".join(json.dumps(e) for e in events(3))
    refused(tmp_path, lines[:-5], "line 3", "cut", name="events.ndjson")


def test_a_name_given_twice_is_refused_by_its_record(tmp_path: Path) -> None:
    twice = json.dumps([EVENT])[:-2] + ', "event_id": "e9"}]'
    refused(tmp_path, "[" + json.dumps(EVENT) + ", " + twice[1:], "record 2", "'event_id'", "keep one")
    refused(tmp_path, '{"data": [], "data": [{"event_id": 1}]}', "'data' stands twice")
    refused(tmp_path, [EVENT | {"Event_ID": "x"}], "'event_id' stands 2 times")


def test_a_page_of_several_says_that_it_is_one(tmp_path: Path) -> None:
    mirror = read(tmp_path, {"TotalCount": 7374, "TotalPages": 8, "Result": events(2)})
    assert "2 of 7,374 records" in mirror.notes[0]


@pytest.mark.parametrize(
    ("around", "said"),
    [
        ({"count": 6, "next": "https://kf.example.org/data?start=2"}, "2 of 6 records"),
        ({"next": "https://kf.example.org/data?start=2"}, "one page of several"),
        ({"@odata.count": 2, "@odata.nextLink": "https://odk.example.org/x?$skip=2"}, "one page of several"),
        ({"count": 2, "next": None}, ""),
    ],
)
def test_a_page_says_so_however_its_server_does(tmp_path: Path, around: dict[str, object], said: str) -> None:
    notes = " ".join(read(tmp_path, {**around, "value": events(2)}).notes)
    assert said in notes
    assert bool(said) == ("not in it" in notes)


def test_a_file_over_the_limit_is_refused_before_it_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_table, "JSON_LIMIT_BYTES", 10)
    refused(tmp_path, "[" * 50, "over 10", "CSV")


@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({
    "event_id": st.text(alphabet="ab1\",;\né", min_size=1, max_size=5), "fatalities": st.integers(-5, 10**7),
    "longitude": st.decimals(90, 102, places=3).map(str),
}), min_size=1, max_size=8))  # fmt: skip
def test_the_same_events_as_csv_and_as_json_are_the_same_rows(tmp_path: Path, records: list[dict[str, object]]) -> None:
    whole = [{"event_date": "2022-03-04", "event_type": "clash", "latitude": "20.5"} | r for r in records]
    pl.DataFrame([{k: str(v) for k, v in r.items()} for r in whole]).write_csv(tmp_path / "e.csv", quote_style="always")
    table = read_table(tmp_path / "e.csv", Kind.CLASHES, Sidecar()).frame
    assert content_hash(read(tmp_path, whole).frame, "c") == content_hash(table, "c")


def test_csv_and_json_of_the_same_rows_are_one_delivery(tmp_path: Path) -> None:
    names = list(EVENT)
    rows = "".join(",".join(str(e[n]) for n in names) + "\n" for e in events(5))
    (tmp_path / "e.csv").write_text(",".join(names) + "\n" + rows)
    (tmp_path / "e.json").write_text(json.dumps({"data": events(5)}))
    files = [(Kind.CLASHES, tmp_path / name) for name in ("e.csv", "e.json")]
    first, second = inbox.judge(files, datetime(2024, 6, 1, tzinfo=UTC))
    assert first.delivery.delivery_id == second.delivery.delivery_id
