import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from geo import names, townships


def resolved(columns: str, *places: tuple[str | None, ...]) -> list[tuple[str | None, ...]]:
    """adm3_pcode, problem and how of places by the numbers of their columns: "13" for adm1_name and adm3_name."""
    schema = {f"adm{level}_name": pl.String for level in columns}
    frame = names.resolve(pl.DataFrame(places, schema=schema, orient="row"))
    return frame.select("adm3_pcode", "problem", "how").rows()


@pytest.mark.parametrize("unit", ["adm1_name", "state_region"])
@pytest.mark.parametrize("name", ["adm3_name", "adm3_name_my"])
def test_every_township_is_found_by_its_own_name(unit, name):
    reference = townships.reference()
    found = names.resolve(reference.select(pl.col(unit).alias("adm1_name"), pl.col(name).alias("adm3_name")))
    assert found["adm3_pcode"].to_list() == reference["adm3_pcode"].to_list()
    assert found["problem"].null_count() == 330


def test_a_name_needs_its_state():
    cases = [
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
    ]
    found = [one[:2] for one in resolved("13", *(place for *place, _ in cases))]
    assert found == [expected for *_, expected in cases]
    assert {code for code, _ in found if code} <= set(townships.codes())


def test_rows_keep_their_order_and_columns():
    frame = pl.DataFrame({"id": [2, 1, 3], "adm1_name": ["Mon", "Mon", None], "adm3_name": ["Ye", "Bilin", None]})
    found = names.resolve(frame)
    assert found.columns == ["id", "adm1_name", "adm3_name", "adm3_pcode", "problem", "how"]
    assert found["id"].to_list() == [2, 1, 3]
    with pytest.raises(ValueError, match="problem"):
        names.resolve(found.drop("adm3_pcode", "how"))


def test_the_township_named_in_a_text():
    cases = [
        ("Kalay township", "Kalay", None),
        ("Seikphyu - Saw highway (Seikphyu township)", "Seikphyu", None),
        ("Dawei - Ye highway (Dawei  township)", "Dawei", None),
        ("Near Dagon Myothit (South) Township", "Dagon Myothit (South)", None),
        ("In Za Bu Thi Ri township", "Za Bu Thi Ri", None),
        ("Kalay township, Kalay  Township", "Kalay", None),
        ("Mandalay city", None, None),
        (None, None, None),
        ("near Kalay Tsp. (Sagaing)", "Kalay", None),
        ("An Invented village (Kalay township)", "Kalay", None),
        ("Kalay Township (Sagaing)", "Kalay", None),
        ("Kalay and Kani Tsps", None, names.SEVERAL_TOWNSHIPS),
        ("between Kalay township and Kani township", None, names.SEVERAL_TOWNSHIPS),
        ("a tsp of sugar", None, None),
        ("betweem Pa-an township and Bilin township", None, names.SEVERAL_TOWNSHIPS),
        ("Border between Muse and Kutkai townships", None, names.SEVERAL_TOWNSHIPS),
        ("Border between Sagaing and Madaya township (Sagaing)", None, names.SEVERAL_TOWNSHIPS),
        ("Buthidaung Township (Rakhine State), Paletwa Township", None, names.SEVERAL_TOWNSHIPS),
    ]
    frame = pl.DataFrame({"text": [text for text, *_ in cases]})
    found = frame.select(names.township_named_in(pl.col("text"))).to_series().struct.unnest()
    assert found.rows() == [case[1:] for case in cases]


def test_an_alias_counts_with_its_state_and_after_the_listed_name():
    cases = [
        ("Sagaing", "Kalay", ("MMR005027", None, "alias")),
        ("Sagaing Region", "KALAY Tsp.", ("MMR005027", None, "alias")),
        ("Sagaing", "Kalay Township (Sagaing)", ("MMR005027", None, "alias")),
        ("Sagaing", "Kale", ("MMR005027", None, "name")),
        ("စစ်ကိုင်းတိုင်းဒေသကြီး", "ကလေးမြို့နယ်", ("MMR005027", None, "name")),
        ("ကယားပြည်နယ်", "မယ်စဲ့ မြို့နယ်", ("MMR002007", None, "alias")),
        ("မွန်ပြည်နယ်", "ကမာ၀က်", ("MMR011005", None, "alias")),  # with the digit zero, as the gazetteer has it
        ("မွန်ပြည်နယ်", "ကမာဝက်", ("MMR011005", None, "alias")),  # with the letter wa
        ("ကချင်ပြည်နယ်", "၀ိုင်းမော်", ("MMR001002", None, "name")),
        ("Shan", "Namkham", ("MMR015010", None, "alias")),  # Namhkan, not Namhsan
        ("Shan (North)", "Namkham", ("MMR015010", None, "alias")),
        ("Shan (South)", "Namkham", (None, "name_not_in_state", None)),
        ("Shan", "Kalay", (None, "name_not_in_state", None)),  # Kalaw is in Shan and is another
        (None, "Kalay", (None, "name_without_state", None)),
        ("Yangon", "Hlaingtharya", (None, "unknown_name", None)),  # split in 2020: either half
        ("Sagaing", "Kalai", (None, "unknown_name", None)),
    ]
    assert resolved("13", *(place for *place, _ in cases)) == [expected for *_, expected in cases]


def test_the_district_stands_in_for_a_missing_state():
    cases = [
        (None, "Taungoo District", "Htantabin", ("MMR007014", None)),
        (None, "Yangon (North)", "Htantabin", ("MMR013006", None)),
        (" ", "ကလေးခရိုင်", "Kalay", (None, "name_without_state")),  # districts are listed in English only
        (None, "Kale district", "Kalay", ("MMR005027", None)),
        (None, "Pa-O Self-Administered Zone", "Hopong", ("MMR014003", None)),
        (None, "Pa-O SAZ", "Hopong", ("MMR014003", None)),
        (None, "Pa-O", "Taunggyi", ("MMR014001", None)),  # the district's state counts, not the district alone
        (None, "Taungoo", "Kalay", (None, "name_not_in_state")),
        (None, "Atlantis district", "Kale", (None, "name_without_state")),
        ("Yangon", "Taungoo", "Htantabin", ("MMR013006", None)),  # a contradictory district never overrides
        ("Atlantis", "Kale", "Kale", (None, "unknown_state")),
    ]
    found = [one[:2] for one in resolved("123", *(place for *place, _ in cases))]
    assert found == [expected for *_, expected in cases]


@pytest.mark.parametrize(
    ("adm1", "adm2", "expected"),
    [
        ("Shan", None, (None, "ambiguous_name", None)),
        ("Shan", "Kale", (None, "ambiguous_name", None)),
        ("Shan", "Taunggyi", ("MMR014001", None, "alias")),
        ("Shan", "Lashio", ("MMR015001", None, "alias")),
        ("Shan (North)", None, ("MMR015001", None, "alias")),
        ("Shan (North)", "Taunggyi", ("MMR015001", None, "alias")),
    ],
)
def test_a_spelling_borne_twice_within_a_state_is_refused_unless_the_district_decides(adm1, adm2, expected):
    twice = pl.DataFrame({"_name": ["new", "new"], "adm3_pcode": ["MMR014001", "MMR015001"], "how": ["alias", "alias"]})
    frame = pl.DataFrame(
        {"adm1_name": [adm1], "adm2_name": [adm2], "adm3_name": ["New"]}, schema_overrides={"adm2_name": pl.String}
    )
    assert names.resolve(frame, pl.concat([names.listed_names(), twice])).row(0)[3:] == expected


def test_a_listed_name_is_never_outdone_by_an_alias():
    alias = pl.DataFrame({"_name": ["kale"], "adm3_pcode": ["MMR005001"], "how": ["alias"]})
    frame = pl.DataFrame({"adm1_name": ["Sagaing"], "adm3_name": ["Kale"]})
    found = names.resolve(frame, pl.concat([alias, names.listed_names()]))
    assert found.row(0)[2:] == ("MMR005027", None, "name")


@pytest.mark.parametrize(
    ("adm1", "adm3", "hint"),
    [
        ("Sagaing", "Kalle", "Kale"),
        ("Sagaing", "Kalai", "Kale"),  # by its alias Kalay; Kalewa is more like it than Kale is
        ("Shan State", "Kalaww Township", "Kalaw"),
        ("ချင်းပြည်နယ်", "ဖလမး", "ဖလမ်း"),
        ("Sagaing", "Qwertyuiop", None),
        ("Atlantis", "Kale", None),
        (None, "Kale", None),
        ("Sagaing", None, None),
    ],
)
def test_the_nearest_listed_name_is_a_hint_within_the_state(adm1, adm3, hint):
    text = {"adm1_name": pl.String, "adm3_name": pl.String}
    frame = pl.DataFrame({"adm1_name": [adm1, "Kachin"], "adm3_name": [adm3, "Bhamoo"]}, schema=text)
    assert names.nearest(frame).to_list() == [hint, "Bhamo"]


def test_hints_are_given_for_so_many_spellings_only():
    many = pl.DataFrame({"adm1_name": "Kachin", "adm3_name": [f"Bhamo{'x' * (n % 2)} {n:04}" for n in range(2000)]})
    assert names.nearest(many).is_not_null().sum() <= names.MOST_HINTS


@examples(10)
@given(st.text(max_size=12), st.sampled_from([None, "Shan", "Sagaing", "Yangon Region", "x"]), st.text(max_size=8))
def test_no_text_breaks_resolving_and_a_place_always_lies_in_its_state(name, state, district):
    text = dict.fromkeys(("adm1_name", "adm2_name", "adm3_name"), pl.String)
    found = names.resolve(pl.DataFrame([(state, district, name)], schema=text, orient="row"))
    code, problem, how = found.row(0)[3:]
    assert (code is None) == (how is None) == (problem is not None)
    assert problem is None or problem in names.PROBLEMS


def test_what_is_said_of_names_that_no_township_bears_is_the_same_beside_one_that_is_borne() -> None:
    states, districts = ("Kachin", "Nowhere", "", None), ("Taungoo", "x", None)
    strange = [
        (state, name, district) for state in states for name in ("Qwertyuiop", "?", None) for district in districts
    ]
    columns = {"adm1_name": pl.String, "adm3_name": pl.String, "adm2_name": pl.String}
    alone = names.resolve(pl.DataFrame(strange, schema=columns, orient="row"))
    beside = names.resolve(pl.DataFrame([*strange, ("Kachin", "Myitkyina", None)], schema=columns, orient="row"))
    assert alone.equals(beside.head(-1))
    assert set(alone["problem"]) == {"unknown_name", "unknown_state"}
    assert beside["adm3_pcode"].to_list()[-1] == "MMR001001"
