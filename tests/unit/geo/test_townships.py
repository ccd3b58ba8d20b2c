from pathlib import Path

import polars as pl
import pytest

from geo import townships
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REFERENCE


def test_reference_has_330_sorted_codes_and_types():
    frame = townships.reference()
    assert frame.height == 330 and frame["adm3_pcode"].is_sorted()
    assert frame.schema == pl.Schema(townships.SCHEMA)
    assert frame["self_administered_unit"].null_count() == 312
    assert townships.codes() == tuple(frame["adm3_pcode"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.rsplit("\n", 2)[0] + "\n",  # a row lost
        lambda text: text.replace("MMR001002", "MMR001001"),  # a code twice
        lambda text: text.replace("MMR001002", "MMR1002"),  # a code malformed
        lambda text: text.replace("6226.7", "large"),  # a number that is none
        lambda text: "",
    ],
)
def test_a_damaged_reference_is_refused(tmp_path: Path, damage):
    whole = (REFERENCE / "townships.csv").read_text(encoding="utf-8")
    path = tmp_path / "townships.csv"
    path.write_text(whole, encoding="utf-8")
    assert townships.read_reference(path).height == 330
    path.write_text(damage(whole), encoding="utf-8")
    with pytest.raises(UnusableInput, match=r"townships\.csv"):
        townships.read_reference(path)


def test_pcodes_are_normalised():
    typed = ["mmr001001", " MMR001001 ", "\ufeffMMR\u200b001001", "\u00a0MMR001 001\u200d", "  ", None]
    frame = pl.DataFrame({"code": typed})
    cleaned = frame.select(townships.normalise_pcode(pl.col("code"))).to_series().to_list()
    assert cleaned == ["MMR001001"] * 4 + [None, None]
