"""What the stated coverage of a source's deliveries leaves open."""

from types import SimpleNamespace

from geo.areas import covered
from geo.townships import codes
from pipeline.storage.lead_source import sentences, uncovered


def of(*stated: str | None) -> list[SimpleNamespace]:
    return [SimpleNamespace(coverage=text, file_name=f"{n}.csv") for n, text in enumerate(stated, 1)]


def test_without_a_stated_coverage_nothing_is_left_open() -> None:
    assert uncovered([]) == uncovered(of(None, None)) == frozenset()
    assert list(sentences(of(None))) == []


def test_a_township_is_covered_where_every_delivery_covers_it() -> None:
    kachin = covered("Kachin") or frozenset()
    assert uncovered(of("Kachin")) == frozenset(codes()) - kachin
    assert uncovered(of(None, "Kachin")) == frozenset(codes()) - kachin
    assert uncovered(of("Kachin", "Sagaing")) == frozenset(codes())
    assert uncovered(of("Kachin, Sagaing", "Kachin")) == frozenset(codes()) - kachin


def test_a_coverage_that_cannot_be_told_leaves_all_open_and_says_what_to_write() -> None:
    assert uncovered(of("12 townships of Sagaing")) == frozenset(codes())
    (said,) = sentences(of("12 townships of Sagaing"))
    assert "unknown, not calm" in said
    assert 'coverage = "Kachin, Sagaing"' in said
    assert list(sentences(of("Kachin"))) == [
        "coverage 'Kachin' of 1.csv is 18 townships: outside of it no clash is unknown, not calm"
    ]
