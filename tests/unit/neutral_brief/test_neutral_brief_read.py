"""What a brief takes from a home: figures as the public may see them, and no further than its neighbours."""

from datetime import date

import polars as pl
import pytest

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.neutral_brief import read
from pipeline.neutral_brief.request import Wanted


def test_figures_of_an_internal_release_are_rounded_and_withheld_again():
    rows = pl.DataFrame(
        {
            "method": "m", "month": date(2023, 11, 1), "adm3_pcode": ["A", "B", "C", "D", "E"],
            "idps_persons": [1234, 7, 0, None, None], "idps_suppressed": [False, False, False, True, False],
        }
    )  # fmt: skip
    shown = read._state({"township_index": rows}, "m", date(2023, 11, 1))
    assert shown["idps_persons"].to_list() == [1230, None, 0, None, None]
    assert shown["idps_suppressed"].to_list() == [False, True, False, True, False]


def test_neighbours_of_the_townships_without_the_townships():
    pairs = pl.DataFrame({"adm3_pcode": ["A", "A", "B", "C"], "neighbour_pcode": ["B", "C", "A", "A"]})
    assert read._around(("A", "B"), pairs) == ("C",)


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(townships="A", corridor="A,B"), Wanted(townships=" ")])
def test_one_way_to_name_townships_and_not_two(tmp_path, wanted):
    with pytest.raises(UnusableInput, match="not both"):
        read.read(Home(tmp_path), wanted)


def test_an_empty_home_says_what_to_do(tmp_path):
    with pytest.raises(UnusableInput, match="township-index run"):
        read.read(Home(tmp_path), Wanted(townships="Loikaw"))


def test_a_home_of_internal_releases_alone_is_told_what_a_brief_is_made_from(tmp_path):
    (tmp_path / "internal" / "2023-11-26-0123abcd-internal").mkdir(parents=True)
    with pytest.raises(UnusableInput, match="internal releases alone"):
        read.read(Home(tmp_path), Wanted(townships="Loikaw"))


def test_a_damaged_table_of_the_release_is_told(tmp_path):
    path = tmp_path / "neighbours.parquet"
    path.write_bytes(b"no table")
    with pytest.raises(UnusableInput, match=r"neighbours\.parquet: cannot be read.*run again"):
        read._table(path, "neighbours")


def test_the_table_that_names_parties_has_its_source_among_the_sources():
    deliveries = pl.DataFrame(
        {
            "source": ["UCDP GED"], "source_key": ["ucdp_ged"], "licence": ["CC BY 4.0"], "delivery_id": ["d1"],
            "received_at": [date(2023, 12, 5)], "first_date": [date(2021, 1, 1)], "last_date": [date(2023, 11, 30)],
        }
    )  # fmt: skip
    manifest = {"inputs": [{"delivery_id": "d1", "sha256": "ab" * 32, "kind": "clashes"}]}
    cited = read._sources(manifest, deliveries).filter(pl.col("source").str.contains("dialogue"))["citation"]
    assert len(cited) == 1
    assert "Track Two paper" in cited[0]
