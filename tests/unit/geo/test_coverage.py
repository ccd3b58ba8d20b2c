"""The coverage that a sidecar states in words: whole places are known, anything else names none for sure."""

import pytest

from geo.areas import covered
from geo.townships import codes, reference


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Kachin", 18), ("Kachin and Sagaing", 55), ("Kachin State & Sagaing Region", 55), ("Chin, Magway", 34),
        ("Kachin and Sagaing states", 55), ("northern Shan", 24), ("MMR001, MMR005", 55), ("Kale township", 1),
        ("Kale District, Tamu township", 4), ("Mandalay", 28), ("နေပြည်တော်", 8), ("the whole country", 330),
        ("countrywide", 330),
    ],
)  # fmt: skip
def test_whole_places_are_known(text: str, count: int) -> None:
    named = covered(text)
    assert named is not None
    assert len(named) == count
    assert named <= set(codes())


@pytest.mark.parametrize(
    "text",
    [
        "12 townships of Sagaing",
        "six states and regions",
        "South-east",
        "Sagaing except Kale",
        "Minhla",
        "Kachin, Atlantis",
    ],
)
def test_what_is_no_list_of_whole_places_names_none(text: str) -> None:
    assert covered(text) is None


def test_a_name_borne_by_a_state_and_a_township_is_the_state() -> None:
    both = reference().filter(reference()["state_region"] == "Sagaing")
    assert covered("Sagaing") == set(both["adm3_pcode"])
    assert covered("Sagaing township") == set(both.filter(both["adm3_name"] == "Sagaing")["adm3_pcode"])
