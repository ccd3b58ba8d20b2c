import polars as pl
import pytest

from geo import townships
from pipeline.declare.errors import UnusableInput


def test_weights_sum_to_one_and_targets_are_current():
    sums = townships.crosswalk().group_by("from_pcode").agg(pl.col("area_weight").sum())["area_weight"]
    assert (sums - 1).abs().max() < 1e-9
    assert set(townships.crosswalk()["to_adm3_pcode"]) <= set(townships.codes())


@pytest.mark.parametrize(
    "change",
    [
        pl.lit(0.3).alias("area_weight"),
        pl.lit("MMR999999").alias("to_adm3_pcode"),
        pl.lit("MMR001001").alias("from_pcode"),
    ],
)
def test_a_damaged_crosswalk_is_refused(change):
    assert townships.check(townships.crosswalk()).equals(townships.crosswalk())
    with pytest.raises(UnusableInput, match="pcode_crosswalk"):
        townships.check(townships.crosswalk().with_columns(change))


def test_codes_resolve_or_stay_null():
    frame = pl.DataFrame({"id": [1, 2, 3, 4], "code": [" mmr001001", "MMR013008", "MMR999999", None]})
    rows = townships.apply(frame, "code").select("id", "adm3_pcode", "weight", "how").rows()
    assert rows == [
        (1, "MMR001001", 1.0, "pcode"),
        (2, "MMR013046", 0.587, "crosswalk"),
        (2, "MMR013047", 0.413, "crosswalk"),
        (3, None, None, None),
        (4, None, None, None),
    ]
    assert townships.apply(frame.rename({"code": "adm3_pcode"}), "adm3_pcode")["adm3_pcode"].null_count() == 2
    with pytest.raises(ValueError, match="weight"):
        townships.apply(frame.with_columns(weight=1), "code")
