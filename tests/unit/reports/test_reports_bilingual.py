"""Both languages: no phrase without its Burmese, values in the right place, one translation a phrase."""

import csv
import re
from datetime import date

import pytest

from pipeline.declare.settings import REPOSITORY
from reports.site.evidence import figure_words
from reports.site.render import environment
from reports.text.catalogue import FOLDER, Both, catalogue, day_both, label_both, say
from reports.text.wording import LABELS

_FIELD = re.compile(r"\{(\w+)\}")


def test_every_phrase_has_burmese_with_the_same_values() -> None:
    for english, burmese in catalogue().items():
        assert sorted(_FIELD.findall(english)) == sorted(_FIELD.findall(burmese)), english
        assert burmese == burmese.strip() != ""
        assert max(burmese) >= "\u1000" or not re.search("[a-z]", _FIELD.sub("", english)), english


def test_files_hold_two_columns_and_no_phrase_twice() -> None:
    seen: set[str] = set()
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert all(set(row) == {"english", "burmese"} and None not in row.values() for row in rows), path.name
        own = [row["english"] for row in rows]
        assert len(own) == len(set(own)) and not seen & set(own), path.name
        seen.update(own)


def test_every_label_of_a_template_is_in_the_catalogue() -> None:
    for path in sorted((REPOSITORY / "reports" / "templates").glob("*.j2")):
        for phrase in re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")):
            assert phrase in catalogue(), f"{path.name}: {phrase}"
    assert set(LABELS.values()) <= set(catalogue())


def test_values_go_in_by_language_and_a_missing_one_is_said() -> None:
    both = say("release {release}", release=label_both("high"))
    assert both.en == "release high"
    assert both.my == "ထုတ်ပြန်ချက် မြင့်"
    assert say("release {release}", release=None).en == "release not reported"
    assert day_both(date(2023, 11, 26)).my == "2023 ခုနှစ် နိုဝင်ဘာလ 26 ရက်"
    with pytest.raises(KeyError, match="data/reference/labels"):
        say("a phrase that nobody wrote")


def test_values_are_escaped() -> None:
    page = environment().from_string("{{ x }}|{{ x | spoken_in('title') }}").render(x=Both("<b>", '"'))
    assert page == (
        '<span class="en" lang="en">&lt;b&gt;</span><span class="my" lang="my">&#34;</span>'
        '|title="&lt;b&gt;" data-my-title="&#34;"'
    )


def test_every_published_figure_beside_ours_has_a_name_and_a_unit_in_burmese() -> None:
    with (REPOSITORY / "data/reference/published_figures.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    wanted = {figure_words(row["figure"]) for row in rows} | {row["unit"] for row in rows}
    assert wanted <= set(catalogue()), wanted - set(catalogue())
    assert not [name for name in wanted if re.search(r"\d{4} \d\d \d\d", name)], "a date is written as one"
