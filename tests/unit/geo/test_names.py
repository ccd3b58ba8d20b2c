import polars as pl
import pytest

from geo import names, townships


def resolved(adm1: str | None, adm3: str | None) -> tuple[str | None, str | None]:
    frame = pl.DataFrame({"adm1_name": [adm1], "adm3_name": [adm3]}, schema_overrides={"adm1_name": pl.String})
    return names.resolve(frame).select("adm3_pcode", "problem").row(0)


@pytest.mark.parametrize("unit", ["adm1_name", "state_region"])
@pytest.mark.parametrize("name", ["adm3_name", "adm3_name_my"])
def test_every_township_is_found_by_its_own_name(unit, name):
    reference = townships.reference()
    found = names.resolve(reference.select(pl.col(unit).alias("adm1_name"), pl.col(name).alias("adm3_name")))
    assert found["adm3_pcode"].to_list() == reference["adm3_pcode"].to_list()
    assert found["problem"].null_count() == 330


@pytest.mark.parametrize(
    ("adm1", "adm3", "expected"),
    [
        ("Bago", "Htantabin", ("MMR007014", None)),
        ("Yangon Region", "HTANTABIN (Y) Township", ("MMR013006", None)),
        ("Magwe division", "Minhla (Magway) township", ("MMR009013", None)),
        ("Karen State", "Hpa An", ("MMR003001", None)),
        ("Naypyidaw Union territory", "Pyinmana", ("MMR018006", None)),
        ("Mandalay", "Pyinmana", ("MMR018006", None)),  # stood under Mandalay until 2008
        ("Rangoon", "Dagon Myothit (South)", ("MMR013018", None)),
        ("ပဲခူးတိုင်းဒေသကြီး (အရှေ့)", "ထန်းတပင်မြို့နယ်", ("MMR007014", None)),
        (None, "Htantabin", (None, "ambiguous_name")),
        ("  ", "Htantabin (Y)", (None, "ambiguous_name")),
        (None, "Hpa-An", (None, "name_without_state")),
        ("Atlantis", "Hpa-An", (None, "unknown_state")),
        ("Kachin", "Hpa-An", (None, "name_not_in_state")),
        ("Kachin", "Hpa-Am", (None, "unknown_name")),
        ("Kachin", None, (None, "unknown_name")),
        ("Yangon", "Dagon (South)", (None, "unknown_name")),  # never Dagon
        ("Bago", "Htantabin (Y)", (None, "name_not_in_state")),  # name and bracket disagree
    ],
)
def test_a_name_needs_its_state(adm1, adm3, expected):
    found = resolved(adm1, adm3)
    if expected[0]:
        assert found[0] in townships.codes()
    assert found == expected


def test_rows_keep_their_order_and_columns():
    frame = pl.DataFrame({"id": [2, 1, 3], "adm1_name": ["Mon", "Mon", None], "adm3_name": ["Ye", "Bilin", None]})
    found = names.resolve(frame)
    assert found.columns == ["id", "adm1_name", "adm3_name", "adm3_pcode", "problem", "how"]
    assert found["id"].to_list() == [2, 1, 3]
    with pytest.raises(ValueError, match="problem"):
        names.resolve(found.drop("adm3_pcode", "how"))


@pytest.mark.parametrize(
    ("text", "name", "problem"),
    [
        ("Kalay township", "Kalay", None),
        ("Seikphyu - Saw highway (Seikphyu township)", "Seikphyu", None),
        ("Dawei - Ye highway (Dawei  township)", "Dawei", None),
        ("Near Dagon Myothit (South) Township", "Dagon Myothit (South)", None),
        ("In Za Bu Thi Ri township", "Za Bu Thi Ri", None),
        ("Kalay township, Kalay  Township", "Kalay", None),
        ("Mandalay city", None, None),
        (None, None, None),
        ("betweem Pa-an township and Bilin township", None, names.SEVERAL_TOWNSHIPS),
        ("Border between Muse and Kutkai townships", None, names.SEVERAL_TOWNSHIPS),
        ("Border between Sagaing and Madaya township (Sagaing)", None, names.SEVERAL_TOWNSHIPS),
        ("Buthidaung Township (Rakhine State), Paletwa Township", None, names.SEVERAL_TOWNSHIPS),
    ],
)
def test_the_township_named_in_a_text(text, name, problem):
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    found = frame.select(names.township_named_in(pl.col("text"))).to_series()[0]
    assert found == {"name": name, "problem": problem}
