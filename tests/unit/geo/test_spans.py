"""Places of several townships: what they are, and what only looks like one."""

from collections.abc import Iterable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import areas, names, townships


def levels(texts: Iterable[str | None]) -> dict[str | None, str | None]:
    known = list(texts)
    return dict(zip(known, areas.level_of_name(pl.Series(known, dtype=pl.String)), strict=True))


def test_a_city_of_many_townships_is_as_coarse_as_a_district() -> None:
    cities = ("Yangon", "Rangoon", "Mandalay", "Nay Pyi Taw", "Naypyidaw", "NPT")
    words = ("{}", "{} town", "{} city", "City of {}", "near {} city", "Greater {}", "{} (city)")
    texts = [one.format(city) + more for one in words for city in cities for more in ("", ", Myanmar")]
    assert levels(texts) == dict.fromkeys(texts, "district")
    burmese = ("ရန်ကုန်မြို့", "မန္တလေးမြို့", "နေပြည်တော်")
    assert levels(burmese) == dict.fromkeys(burmese, "district")


def test_districts_states_and_the_country() -> None:
    expected = {
        "Kawkareik district": "district",
        "An Invented district": "district",
        "Yangon (East)": "district",
        "Kokang Self-Administered Zone": "district",
        "မန္တလေးခရိုင်": "district",
        "Dagon Myothit": "district",
        "Kachin state": "region",
        "Karen State": "region",
        "Northern Shan state": "region",
        "Shan State (North)": "region",
        "Bago region": "region",
        "Arakan": "region",
        "Nay Pyi Taw Council": "region",
        "ရန်ကုန်တိုင်းဒေသကြီး": "region",
        "Myanmar (Burma)": "country",
    }
    assert levels(expected) == expected


def test_what_is_one_township_or_smaller_spans_none() -> None:
    texts = [
        None, "", "Bago", "Bago town", "Magway", "Sagaing town", "Myitkyina city", "Pegu", "Hlaingtharya",
        "Dagon Myothit (South)", "Hpapun district", "Papun district", "Tamu ခရိုင်", "Kachin town",
        "Mandalay - Yangon highway", "Mandalay Palace", "Sule road, Yangon city", "Salween river, Hpapun district",
        "A village in Kawkareik district", "Border between Chin state and Magway region",
        "Gangaw - Pale highway (Sagaing region)", "105 Mile Trade Zone",
    ]  # fmt: skip
    assert levels(texts) == dict.fromkeys(texts)


def test_no_name_of_a_township_spans_several() -> None:
    reference = townships.reference()
    for column in ("adm3_name", "adm3_name_my"):
        assert areas.level_of_name(reference[column]).null_count() == 330


@pytest.mark.slow
@given(st.text(max_size=20))
def test_no_text_breaks_the_levels(text: str) -> None:
    assert levels([text])[text] in {None, "district", "region", "country"}


def test_districts_of_one_township_come_from_the_list() -> None:
    lone = townships.lone_districts()
    counted = townships.reference().group_by("adm2_pcode").len()
    assert set(lone["adm2_pcode"]) == set(counted.filter(pl.col("len") == 1)["adm2_pcode"])
    assert areas.level_of_code(lone["adm2_pcode"]).null_count() == lone.height
    assert (
        townships.apply(lone.select(code="adm2_pcode"), "code")["adm3_pcode"].to_list() == lone["adm3_pcode"].to_list()
    )


def test_codes_of_districts_and_states_have_a_level_and_no_township() -> None:
    codes = pl.Series(["MMR001D001", "mmr001", " MMR ", "MMR001001", "MMR099D001", None])
    assert areas.level_of_code(codes).to_list() == ["district", "region", "country", None, None, None]
    assert townships.apply(pl.DataFrame({"code": codes}), "code")["adm3_pcode"].to_list() == [
        None, None, None, "MMR001001", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("MMR001001701", [("MMR001001", "longer_pcode")]),  # a town
        ("mmr001001001", [("MMR001001", "longer_pcode")]),  # a village tract
        ("MMR001001701501", [("MMR001001", "longer_pcode")]),  # a ward
        ("MMR013008701", [("MMR013046", "crosswalk"), ("MMR013047", "crosswalk")]),  # a town of a split township
        ("MMR0010011", [(None, None)]),  # one digit too many is a slip, not a place within
        ("MMR999001001", [(None, None)]),
    ],
)
def test_the_first_nine_characters_of_a_longer_code_are_its_township(
    code: str, expected: list[tuple[str | None, str | None]]
) -> None:
    assert townships.apply(pl.DataFrame({"code": [code]}), "code").select("adm3_pcode", "how").rows() == expected


@pytest.mark.parametrize(
    ("state", "name", "code"),
    [
        ("Yangon", "Hlaingthaya Township", "MMR013008"),
        ("Yangon", "လှိုင်သာယာ", "MMR013008"),
        ("Yangon", "Seikkan", "MMR013045"),
        ("Shan (North)", "Nam Tit", "MMR015301"),
        ("Shan", "Mong Pawk", "MMR016321"),
        ("Mon", "Hlaingthaya", None),
        (None, "Hlaingthaya", None),
        ("Yangon", "Hlaingthayar Kyi", None),
    ],
)
def test_the_name_of_a_retired_unit_stands_for_its_code_in_its_state(
    state: str | None, name: str, code: str | None
) -> None:
    text = {"adm1_name": pl.String, "adm3_name": pl.String}
    frame = pl.DataFrame({"adm1_name": [state], "adm3_name": [name]}, schema=text)
    assert names.retired(frame).to_list() == [code]
    assert names.resolve(frame)["adm3_pcode"].to_list() == [None]
