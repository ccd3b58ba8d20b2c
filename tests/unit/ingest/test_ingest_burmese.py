"""Zawgyi is told from all of a file's names together, reported, and never converted."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from geo.townships import reference
from pipeline.declare.codes import Kind
from pipeline.declare.settings import REPOSITORY
from pipeline.ingest import cells
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import Mirror, read_table

ZAWGYI = ["ျမစ္ႀကီးနား", "မႏၲေလး", "ရန္ကုန္", "ေတာင္ႀကီး", "ျပည္", "ပုသိမ္"]


def read(folder: Path, names: list[str], column: str = "adm3_name") -> Mirror:
    rows = "".join(f"e{n},2022-03-04,clash,MMR001001,{name}\n" for n, name in enumerate(names))
    (folder / "e.csv").write_text(f"event_id,event_date,event_type,adm3_pcode,{column}\n{rows}", encoding="utf-8")
    return read_table(folder / "e.csv", Kind.CLASHES, Sidecar())


def test_a_zawgyi_file_is_reported_and_kept_as_it_is(tmp_path: Path) -> None:
    mirror = read(tmp_path, ZAWGYI)
    assert mirror.frame["adm3_name"].to_list() == ZAWGYI
    assert [word for word in ("Zawgyi", "unknown_name", "P-codes", "Convert") if word not in mirror.notes[0]] == []
    assert "Zawgyi" in read(tmp_path, ZAWGYI, "adm1_name").notes[0]


@pytest.mark.parametrize("names", [["မြစ်ကြီးနား", "မန္တလေး"], ["Myitkyina"], ["", ""]])
def test_unicode_and_other_scripts_are_not_spoken_of(tmp_path: Path, names: list[str]) -> None:
    assert read(tmp_path, names).notes == ()


def test_the_names_of_the_330_are_unicode() -> None:
    names = reference().select(pl.col("adm3_name_my").alias("adm3_name"))
    assert cells.notes([names], "x.csv") == ()


def test_the_pooled_text_decides_and_not_a_single_name(tmp_path: Path) -> None:
    unicode = reference()["adm3_name_my"].to_list()
    assert read(tmp_path, [*unicode, ZAWGYI[0]]).notes == ()
    assert "Zawgyi" in read(tmp_path, [*ZAWGYI, unicode[0]]).notes[0]


def test_notes_of_actors_say_nothing_of_the_names(tmp_path: Path) -> None:
    assert "Zawgyi" not in " ".join(read(tmp_path, ZAWGYI, "actor1").notes)


def test_an_unclear_file_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import myanmartools

    monkeypatch.setattr(myanmartools.ZawgyiDetector, "get_zawgyi_probability", lambda _, text: 0.5)
    assert "cannot be told (50% Zawgyi)" in cells.notes([pl.DataFrame({"adm3_name": ["ကကက"]})], "x.csv")[0]


def test_a_file_without_burmese_does_not_load_the_detector() -> None:
    code = (
        "import sys, polars as pl; from pipeline.ingest import cells; "
        "cells.notes([pl.DataFrame({'adm3_name': ['Myitkyina', None]})], 'x'); print('myanmartools' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
