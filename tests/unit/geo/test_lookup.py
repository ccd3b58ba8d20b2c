"""Whom a typed name means: codes, names in two scripts, other spellings, homonyms, nobody."""

import pytest

from geo.lookup import found, near, spellings
from geo.townships import codes


@pytest.mark.parametrize("text", ["MMR002001", " mmr002001\u200b", "Loikaw", "LOIKAW", "loikaw township", "လွိုင်ကော်"])
def test_a_township_is_found_however_it_is_written(text: str) -> None:
    assert found(text) == ("MMR002001",)


def test_another_spelling_is_found_and_one_that_is_a_listed_name_elsewhere_is_left_out() -> None:
    others = spellings().filter(spellings()["spelling_kind"] == "other_spelling")
    assert others.height > 300
    alias, code = others.select("spelling", "adm3_pcode").row(0)
    assert code in found(alias)
    names = spellings().filter(spellings()["spelling_kind"] == "name")
    assert set(names["spelling_key"]).isdisjoint(others["spelling_key"])


def test_every_township_is_found_by_its_code_and_both_names() -> None:
    for kind, count in (("pcode", 1), ("name", 2)):
        rows = spellings().filter(spellings()["spelling_kind"] == kind)
        assert rows.group_by("adm3_pcode").len()["len"].to_list() == [count] * len(codes())


def test_a_name_of_two_townships_gives_both() -> None:
    assert len(found("Minhla")) == 2


@pytest.mark.parametrize("text", ["", "  ", "Nowhere", "MMR999999", "123"])
def test_a_name_that_nobody_bears_gives_none(text: str) -> None:
    assert found(text) == ()


def test_near_names_are_of_the_same_kind() -> None:
    assert near("Loikw")[0] == "Loikaw"
    assert near("MMR00201")[0].startswith("MMR002")
    assert "လွိုင်ကော်" in near("လွိုင်ကေ")
    assert near("zzzzzzzzzzzz") == ()
