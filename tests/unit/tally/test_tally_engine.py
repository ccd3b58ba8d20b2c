"""Files of every kind counted on Daft, and tables that are those of a run on the same rows. Needs `make scale`."""

import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from event_rows import CANONICAL, squares

from pipeline.declare.choice import Choice
from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import ISP_2023
from pipeline.indices.security import by_month, township_month_events
from pipeline.ingest import inbox
from pipeline.ingest.sidecar import Sidecar
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.parsing import with_delivery
from pipeline.sources.parsers import EVENTS
from pipeline.storage.deliveries import as_frame
from pipeline.tally import dataflow, event_files
from pipeline.tally.counting import Kernel, set_aside, tally
from pipeline.tally.outcome import _said, leave

pytest.importorskip("daft", reason="the extra `scale` is not installed in this environment (make scale)")
OWN = "event_id,event_date,event_type,adm3_pcode\n"
CELLS = "event_date,adm3_pcode,event_type,events_count\n"
NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)


def written(path: Path, frame: pl.DataFrame) -> Path:
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".jsonl":
        frame.write_ndjson(path)
    else:
        frame.write_csv(path)
    return path


def rows() -> pl.DataFrame:
    return pl.read_csv(io.StringIO(CANONICAL), infer_schema=False)


def run_of(path: Path) -> Clashes:
    """The records that a run makes of one file of clashes."""
    (judged,) = inbox.judge([(Kind.CLASHES, path)], NOW)
    raw = judged.frame.with_columns(pl.lit(judged.delivery.delivery_id).alias("delivery_id"))
    known = as_frame([judged.delivery])
    return current_clashes([EVENTS[judged.delivery.format](with_delivery(raw, known))], squares())


def months(made: Clashes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tallies of the Security Index and the published months of them."""
    key = made.records["source_key"][0]
    first, last = date(2022, 1, 1), date(2022, 12, 31)
    known = pl.col("^.*_known$") > 0
    return (
        by_month(made.records, ISP_2023, key).with_columns(known).sort("adm3_pcode", "month"),
        township_month_events(made.records, key, first, last),
    )


def test_what_a_tally_leaves_makes_the_tables_of_its_events(tmp_path):
    events = written(tmp_path / "events.csv", rows())
    said = leave([str(events)], None, "native", "", tmp_path / "out", squares)
    assert said[0].startswith("11 rows of 1 files: 5 events in 5 cells of 2 townships, 6 rows set aside")
    assert any(line.startswith("set aside: 1 invalid_date. Not an ISO date") for line in said)
    account = json.loads((tmp_path / "out" / "account.json").read_text())
    assert account["rows_count"] == 11 == account["rows_counted_count"] + account["rows_set_aside_count"]
    assert [kind for kind, _ in inbox.find_files(tmp_path / "out")] == [Kind.CLASHES]
    counted, expected = months(run_of(tmp_path / "out" / "clashes" / "tally.csv")), months(run_of(events))
    assert all(mine.equals(other) for mine, other in zip(counted, expected, strict=True))
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    leave([str(events)], None, "native", "", tmp_path / "out", squares)
    assert before == {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}


def test_files_of_several_types_and_headers_are_counted_as_one(tmp_path, monkeypatch):
    frame = rows()
    written(tmp_path / "a.csv", frame[:3])
    written(tmp_path / "b.jsonl", frame[3:5])
    typed = frame[5:8].with_columns(pl.col("fatalities").cast(pl.Int64), pl.col("updated_at").str.to_date())
    written(tmp_path / "c.parquet", typed)
    (tmp_path / "d.tsv").write_text(frame[8:].select(frame.columns[::-1]).write_csv(separator=";"), encoding="utf-8")
    (tmp_path / "README").write_text("not a table", encoding="utf-8")
    daft = dataflow.engine("native", "")
    kernel = Kernel("canonical_clashes", _said("canonical_clashes", Sidecar()), squares)
    whole = event_files.read(daft, [str(written(tmp_path.parent / f"{tmp_path.name}.csv", frame))], Sidecar(), "")
    parts = event_files.read(daft, [str(tmp_path)], Sidecar(), "")
    assert [Path(path).name for path in parts.paths] == ["a.csv", "b.jsonl", "c.parquet", "d.tsv"]
    expected = dataflow.counts(daft, whole, kernel, "native", tmp_path)
    # In many buckets, and each of them a part of its own.
    monkeypatch.setattr(dataflow, "_parts", lambda files: 3)
    monkeypatch.setattr(dataflow, "PART_BYTES", Choice(1, "for this test"))
    assert dataflow.counts(daft, parts, kernel, "native", tmp_path).equals(expected)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_where_a_worker_is_lost_all_rows_are_counted_again(times, tmp_path, monkeypatch, caplog):
    from ray import exceptions

    daft = dataflow.engine("native", "")
    kernel = Kernel("canonical_clashes", _said("canonical_clashes", Sidecar()), squares)
    files = event_files.read(daft, [str(written(tmp_path / "events.csv", rows()))], Sidecar(), "")
    expected = dataflow.counts(daft, files, kernel, "native", tmp_path)
    left, here = [times], dataflow._here

    def counted_in_part(*given):
        """The cluster's parts; after one that came a worker is lost."""
        yield from here(*given)
        if left[0]:
            left[0] -= 1
            raise exceptions.ObjectReconstructionFailedError("e9b7")

    monkeypatch.setattr(dataflow, "_on_cluster", counted_in_part)
    if times < 3:
        assert dataflow.counts(daft, files, kernel, "ray", tmp_path).equals(expected), "no row is counted twice"
        assert caplog.text.count("all rows are counted again") == times
    else:
        with pytest.raises(UnusableInput, match=r"lost a worker in each of 3 attempts .*Nothing was written"):
            dataflow.counts(daft, files, kernel, "ray", tmp_path)
        assert caplog.text.count("all rows are counted again") == 2, "not said where nothing is counted any more"


def test_columns_and_words_are_mapped_as_in_a_sidecar(tmp_path):
    frame = pl.DataFrame(
        {"no": ["1", "2"], "day": ["04/03/2022", "05/03/2022"], "what": ["Fight", "fight"], "lon": [93.2, 93.2],
         "lat": [10.35, 10.35]}
    )  # fmt: skip
    written(tmp_path / "events.parquet", frame)
    columns = tmp_path / "said.toml"
    columns.write_text(
        'source = "A team"\nlicence = "CC0"\nsynthetic = true\ndate_format = "%d/%m/%Y"\n[columns]\nevent_id = "no"\n'
        'event_date = "day"\nevent_type = "what"\nlongitude = "lon"\nlatitude = "lat"\n'
        '[values.event_type]\n"Fight" = "clash"\n',
        encoding="utf-8",
    )
    leave([f"{tmp_path}/*.parquet"], columns, "native", "", tmp_path / "out", squares)
    (judged,) = inbox.judge(inbox.find_files(tmp_path / "out"), NOW)
    assert (judged.delivery.source_key, judged.delivery.licence) == ("tallies:a-team", "CC0")
    assert judged.delivery.synthetic
    assert judged.frame.select("event_date", "events_count").rows() == [("2022-03-04", "1"), ("2022-03-05", "1")]
    columns.write_text(columns.read_text().replace('"lat"', '"latt"'), encoding="utf-8")
    with pytest.raises(UnusableInput, match=r"said.toml: \[columns\] names 'latt', which the header does not have"):
        leave([f"{tmp_path}/*.parquet"], columns, "native", "", tmp_path / "out", squares)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "event_id,event_type\n1,clash\n", r"a.csv.* also needs 'event_date'.* 'a place"),
        ("a.csv", f"{OWN}1,2022-03-04,clash,MMR001001\n1,2\n", r"a.csv: .*mend the"),
        ("a.xlsx", "PK", r"a.xlsx: holds no file with an ending that is read here"),
        ("a.parquet", "event_id", r"a.parquet: cannot be read"),
        ("a.csv", f"{CELLS}2022-03-04,MMR001001,clash,3\n", r"no list of events"),
        ("a.csv", f"{OWN}1,2022-03-04,war,MMR001001\n", r"most as unknown_term"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_with_what_to_do(tmp_path, name, content, told):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UnusableInput, match=told):
        leave([str(tmp_path / name)], None, "native", "", tmp_path / "out", squares)
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_named(tmp_path):
    for name in ("none.csv", "none*.csv"):
        with pytest.raises(UnusableInput, match=r"none.*: no "):
            leave([str(tmp_path / name)], None, "native", "", tmp_path / "out", squares)


@pytest.mark.slow
def test_ray_gives_the_same_answer(tmp_path, monkeypatch):
    """Two processors of this machine, in a process of its own: an engine is chosen once."""
    pytest.importorskip("ray")
    written(tmp_path / "events.csv", rows())
    leave([str(tmp_path / "events.csv")], None, "native", "", tmp_path / "native", squares)
    said = (
        "import sys; from pathlib import Path; from event_rows import squares\n"
        "from pipeline.tally.outcome import leave\n"
        "leave([sys.argv[1]], None, 'ray', '', Path(sys.argv[2]), squares)"
    )
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")  # for this test's own cluster; else Ray keeps a token at home
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    events, out = str(tmp_path / "events.csv"), str(tmp_path / "ray")
    subprocess.run([sys.executable, "-c", said, events, out], check=True, capture_output=True, timeout=300)
    for name in ("clashes/tally.csv", "clashes/tally.csv.toml", "account.json"):
        assert (tmp_path / "ray" / name).read_bytes() == (tmp_path / "native" / name).read_bytes()


def test_counts_say_why_rows_are_set_aside(tmp_path):
    daft = dataflow.engine("native", "")
    files = event_files.read(daft, [str(written(tmp_path / "a.csv", rows()))], Sidecar(), "")
    counts = dataflow.counts(
        daft, files, Kernel(files.format_name, _said(files.format_name, Sidecar()), squares), "native", tmp_path
    )
    assert sum(set_aside(counts).values()) + tally(counts)["events_count"].sum() == 11
