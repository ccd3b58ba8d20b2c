"""A large file is read, judged and landed in batches: the same delivery, landing and words as in one piece."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.ingest import cells, delimited, inbox
from pipeline.storage import batches, content_hash, deliveries
from pipeline.storage.deliveries import Judged
from pipeline.storage.spilled_rows import SpilledRows

NOW = datetime(2024, 6, 1, tzinfo=UTC)
HEADER = "event_id,event_date,event_type,adm3_pcode,adm3_name"
COUNTED = "event_id,event_date,event_type,adm3_pcode,Events"
ZAWGYI = ["ျမစ္ႀကီးနား", "မႏၲေလး", "ရန္ကုန္", "ေတာင္ႀကီး", "ျပည္", "ပုသိမ္"]


def in_batches(patch: pytest.MonkeyPatch, block: int) -> None:
    """Every delimited file is large, and batches, ranges and parts are of a few rows."""
    patch.setattr(delimited, "LARGE_BYTES", 0)
    patch.setattr(cells, "BLOCK_ROWS", block)
    patch.setattr(batches, "BATCH_ROWS", 2 * block)
    patch.setattr(batches, "LARGE_ROWS", block)
    patch.setattr(content_hash, "RANGE_ROWS", block)


def outcome(home: Home, paths: list[Path], kind: Kind = Kind.CLASHES) -> list[object]:
    """What became of files that came one after the other: the deliveries and rows that landed, or what was said."""
    found: list[object] = []
    for n, path in enumerate(paths):
        try:
            landing = inbox.deliver(home, [(kind, path)], NOW + timedelta(days=n))[0]
        except UnusableInput as error:
            found.append(str(error))
            continue
        found += [asdict(landing.delivery), landing.is_new]
        found.append(deliveries.read_delivery(home, landing.delivery).to_dict(as_series=False))
    return found


def same(folder: Path, *files: str | bytes, block: int = 4, toml: str = "", kind: Kind = Kind.CLASHES) -> list[object]:
    """The outcome of files, after it was found to be the same in batches."""
    paths = []
    for n, content in enumerate(files):
        paths.append(folder / f"{n}.csv")
        paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
        if toml:
            (folder / f"{n}.csv.toml").write_text(toml, encoding="utf-8")
    known = outcome(Home(folder / "whole"), paths, kind)
    with pytest.MonkeyPatch.context() as patch:
        in_batches(patch, block)
        assert outcome(Home(folder / f"batches{block}"), paths, kind) == known
    return known


def rows(count: int, *more: str, header: str = HEADER, end: str = "") -> str:
    return "\n".join([header, *(f"e{n},2022-03-04,clash,MMR001001,x{end}" for n in range(count)), *more]) + "\n"


@pytest.mark.parametrize(
    ("content", "toml"),
    [
        (rows(60, "short", '"e\n60",2022-03-04,clash,MMR001001,"y, ""z"""', "e61,2022-03-04,clash,MMR001001,\x00"), ""),
        (rows(60, "short", "short,er", "e60,2022-03-04,clash,MMR001001,x"), ""),
        ("short\n" + rows(60), ""),
        (rows(60, *["short"] * 3), ""),
        (rows(60, *["short"] * 4), ""),
        (rows(0, "short"), ""),
        (rows(0), ""),
        (rows(3), ""),
        ("sep=,\nEvents of March\n\n" + rows(8), ""),
        (rows(8).replace(",", ";"), ""),
        (rows(8, "#event+id,#date,#event+type,#adm3+code,#adm3+name"), ""),
        (HEADER + "\n#event+id,#date+occurred,#event+type,#adm3+code,#adm3+name\n" + rows(8, header=""), ""),
        (rows(8, header="#event+id,#date+occurred,#event+type,#adm3+code,#adm3+name"), ""),
        (rows(8, header=HEADER + ",,Note", end=",,"), ""),
        (rows(8, "e8,2022-03-04,clash,MMR001001,x,seen,", header=HEADER + ",,Note", end=",,"), ""),
        (rows(4, *(f"z{n},2022-03-04,clash,MMR001001,{name}" for n, name in enumerate(ZAWGYI))), ""),
        (rows(8, "e8,2022-03-04,state_violence,MMR001001,x"), '[values.event_type]\n"state violence" = "clash"'),
        (rows(8, "e8,2022-03-04,Fight,MMR001001,x"), '[values.event_type]\nfight = "clash"\nskirmish = "clash"'),
        (rows(8, "e8,2022-03-04,violence_against_civilians,MMR001001,x"), ""),
        (rows(8, header=HEADER + ",adm2_name", end=","), ""),
        (rows(8, "e8,2022-03-04,clash,MMR001001,x,Myitkyina", header=HEADER + ",adm2_name", end=","), ""),
        (rows(8, header=COUNTED).replace(",x", ",1"), ""),
        (rows(8, "e8,2022-03-04,clash,MMR001001,3", header=COUNTED).replace(",x", ",1"), ""),
        (rows(8, *["e1,2022-03-04,clash,MMR001001,x"] * 30), ""),
        (rows(8, "e9,2022-03-04,clash,MMR001001,x").encode("utf-16"), ""),
        (rows(40).encode() + b"e9,2022-03-04,clash,MMR001001,\xff\n", ""),
        (rows(40) + 'e9,2022-03-04,clash,MMR001001,"x\n', ""),
    ],
)  # fmt: skip
def test_a_file_in_batches_lands_as_in_one_piece(tmp_path: Path, content: str | bytes, toml: str) -> None:
    same(tmp_path, content, toml=toml)


@settings(max_examples=5, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    st.lists(st.lists(st.text("aé\x00\x1f \"',\nကြ", max_size=3), min_size=6, max_size=6), min_size=1, max_size=12),
    st.integers(0, 1), st.integers(3, 9),
)  # fmt: skip
def test_any_file_lands_the_same_in_any_batches(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[list[str]], short: int, block: int
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in drawn]
    more = [row.rpartition(",")[0] for row in quoted[:short]]
    same(folder, rows(20, *quoted, *more, header=HEADER + ",", end=","), block=block)


AGAIN = [f"e{n},2022-0{1 + n % 2}-0{1 + n % 9},clash,MMR00{1 + n % 3}001,x" for n in range(9)]
MOVED = [f"e{n},2023-0{1 + n % 2}-0{1 + n % 9},clash,MMR01{1 + n % 3}001,y" for n in range(9)]


def test_numbers_used_again_in_a_file_are_refused_in_the_same_words(tmp_path: Path) -> None:
    told = same(tmp_path, rows(5, *AGAIN, *MOVED), block=7)
    assert "of the 9 event numbers that stand in it more than once are other events each time" in str(told[0])
    assert len(same(tmp_path, rows(9, *AGAIN[:1], "\u200be7 ,2022-03-04,clash,MMR001001,x"), block=5)) == 3


@pytest.mark.parametrize("dates", ["%Y-%m-%d", "%d/%m/%Y"])
def test_numbers_of_a_file_before_are_refused_in_the_same_words(tmp_path: Path, dates: str) -> None:
    def written(row: str) -> str:
        number, day, rest = row.split(",", 2)
        return f"{number},{datetime.fromisoformat(day).strftime(dates)},{rest}"

    first, second, grown = (
        "\n".join([HEADER, *(written(row) for row in part)]) + "\n" for part in (AGAIN, MOVED, [*AGAIN, *MOVED[:2]])
    )
    told = same(tmp_path, first, second, first, grown, toml=f'date_format = "{dates}"', block=7)
    assert "9 of the 9 event numbers that it shares with 0.csv stand for other events there" in str(told[3])


def test_a_file_of_before_may_be_the_large_one(tmp_path: Path) -> None:
    small = "\n".join([HEADER, *MOVED[:4]]) + "\n"
    told = same(tmp_path, rows(0, *AGAIN), small, block=4)
    assert "4 of the 4 event numbers" in str(told[3])


def test_the_rows_of_a_large_file_are_given_back_once_they_landed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "e.csv").write_text(rows(20))
    in_batches(monkeypatch, 3)
    judged = inbox.judge([(Kind.CLASHES, tmp_path / "e.csv")], NOW)
    held = judged[0].rows
    assert isinstance(held, SpilledRows)
    assert isinstance(judged[0], Judged)
    assert judged[0].frame["event_id"].to_list() == [f"e{n}" for n in range(20)]
    assert [batch.height for batch in held.batches(["event_id"])] == [3, 3, 3, 3, 3, 3, 2]
    home = Home(tmp_path / "home")
    delivery = deliveries.keep(home, judged)[0].delivery
    with pytest.raises(ValueError, match="closed"):
        held.whole()
    assert [b.height for b in deliveries.delivery_batches(home, delivery)] == [6, 6, 6, 2]
    assert sorted(p.suffix for p in home.deliveries.rglob("*.*")) == [".json", ".parquet"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.none() | st.text("a\x00é~က\U0001f600", max_size=3), min_size=1, max_size=40), st.integers(1, 9))
def test_lines_sorted_in_ranges_have_the_identity_of_those_sorted_at_once(found: list[str | None], size: int) -> None:
    frame = pl.DataFrame({"a": found}, schema={"a": pl.String})
    spilled = SpilledRows()
    for start in range(0, frame.height, size):
        spilled.append(frame.slice(start, size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content_hash, "RANGE_ROWS", size)
        patch.setattr(content_hash, "CHUNK_LINES", 7)
        assert content_hash.content_hash(spilled, "c") == content_hash.content_hash(frame, "c")
