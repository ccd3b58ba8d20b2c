import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import crosswalk, townships
from pipeline.errors import UnusableInput

OLD = sorted(set(crosswalk.crosswalk()["from_pcode"]))


def test_weights_sum_to_one_and_targets_are_current():
    sums = crosswalk.crosswalk().group_by("from_pcode").agg(pl.col("area_weight").sum())["area_weight"]
    assert (sums - 1).abs().max() < 1e-9
    assert set(crosswalk.crosswalk()["to_adm3_pcode"]) <= set(townships.codes())


@pytest.mark.parametrize(
    "change",
    [
        pl.lit(0.3).alias("area_weight"),
        pl.lit("MMR999999").alias("to_adm3_pcode"),
        pl.lit("MMR001001").alias("from_pcode"),
    ],
)
def test_a_damaged_crosswalk_is_refused(change):
    assert crosswalk.check(crosswalk.crosswalk()).equals(crosswalk.crosswalk())
    with pytest.raises(UnusableInput, match="pcode_crosswalk"):
        crosswalk.check(crosswalk.crosswalk().with_columns(change))


def test_codes_resolve_or_stay_null():
    frame = pl.DataFrame({"id": [1, 2, 3, 4], "code": [" mmr001001", "MMR013008", "MMR999999", None]})
    rows = crosswalk.apply(frame, "code").select("id", "adm3_pcode", "weight", "how").rows()
    assert rows == [
        (1, "MMR001001", 1.0, "pcode"),
        (2, "MMR013046", 0.587, "crosswalk"),
        (2, "MMR013047", 0.413, "crosswalk"),
        (3, None, None, None),
        (4, None, None, None),
    ]
    assert crosswalk.apply(frame.rename({"code": "adm3_pcode"}), "adm3_pcode")["adm3_pcode"].null_count() == 2
    with pytest.raises(ValueError, match="weight"):
        crosswalk.apply(frame.with_columns(weight=1), "code")


def test_an_event_is_placed_once_at_the_largest_successor():
    frame = pl.DataFrame({"code": ["MMR013045", "MMR015309", "nowhere", "MMR001001"]})
    placed = crosswalk.place_events(frame, "code")
    assert placed["adm3_pcode"].to_list() == ["MMR013035", "MMR015008", None, "MMR001001"]


def test_persons_are_split_never_duplicated():
    frame = pl.DataFrame({"code": ["MMR013008", "MMR015309", "MMR001001"], "n": [7, None, 5]})
    split = crosswalk.split_persons(frame, "code", "n")
    assert split["n"].to_list() == [4, 3, None, None, None, 5]
    with pytest.raises(TypeError, match="whole persons"):
        crosswalk.split_persons(frame.with_columns(pl.col("n").cast(pl.Float64)), "code", "n")


@given(
    st.lists(
        st.tuples(st.sampled_from([*OLD, "MMR001001", "unknown"]), st.integers(0, 10**9)),
        min_size=1,
        max_size=20,
    )
)
def test_splitting_keeps_every_total(rows):
    frame = pl.DataFrame(rows, schema={"code": pl.String, "n": pl.Int64}, orient="row").with_row_index("id")
    split = crosswalk.split_persons(frame, "code", "n")
    assert split.group_by("id").agg(pl.col("n").sum()).sort("id")["n"].to_list() == frame["n"].to_list()
    exact = split.join(frame.select("id", total="n"), on="id")
    assert ((exact["n"] - exact["total"] * exact["weight"].fill_null(1.0)).abs() < 1).all()
