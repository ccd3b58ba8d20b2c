"""CITATION.cff, BibTeX and RIS: complete, true of invented data, and closed to what a licence's words could do."""

import re
from dataclasses import replace

import pytest
import yaml

from reports.files.citation import cff, citation
from reports.release import Release


def test_the_file_holds_what_the_format_asks_for(release: Release) -> None:
    found = yaml.safe_load(cff(release))
    assert {"cff-version", "message", "title", "authors"} <= set(found), "required by CFF 1.2.0"
    assert (found["cff-version"], found["type"]) == ("1.2.0", "dataset")
    assert (found["version"], str(found["date-released"])) == (release.release_id, "2023-12-05")
    assert found["license"] == "CC-BY-4.0"
    assert "url" not in found, "nobody said where it will be read from"


def test_a_licence_that_is_none_of_the_known_is_not_named(release: Release) -> None:
    found = yaml.safe_load(cff(replace(release, generated_from=(("A", "ask us", ""),))))
    assert "license" not in found
    assert "Licence: ask us." in found["abstract"]


def test_without_a_day_of_knowledge_the_data_end_decides(release: Release) -> None:
    assert citation(replace(release, as_of=None)).released == release.period_end


def test_an_address_stands_where_one_was_told(release: Release) -> None:
    there = replace(release, base_address="https://example.org/index/")
    address = f"https://example.org/index/{release.release_id}/"
    assert yaml.safe_load(cff(there))["url"] == address
    assert f"UR  - {address}" in citation(there).ris
    assert citation(replace(there, internal=True)).address == "", "an internal release has no public address"


def test_invented_data_say_so_in_each_format(invented: Release) -> None:
    own = citation(invented)
    for text in (own.bibtex, own.ris, cff(invented)):
        assert "SYNTHETIC DATA" in text


@pytest.mark.parametrize("words", ["a}\n@book{x,", "50 % & #1_$", "\\input{x}", "line\nER  - \nTY  - BOOK"])
def test_no_word_of_a_licence_opens_a_field_of_its_own(release: Release, words: str) -> None:
    own = citation(replace(release, generated_from=(("A", words, ""),)))
    assert own.bibtex.count("@") == 1 + words.count("@")
    assert own.bibtex.count("{") == own.bibtex.count("}")
    assert not re.search(r"(?<!\\)[%&#$]", own.bibtex)
    assert [line[:6] for line in own.ris.splitlines()] == [
        "TY  - ", "AU  - ", "TI  - ", "PY  - ", "DA  - ", "ET  - ", "N1  - ", "ER  - ",
    ]  # fmt: skip
    assert yaml.safe_load(cff(replace(release, generated_from=(("A", words, ""),))))["type"] == "dataset"
