"""Both languages: no phrase without its Burmese, values in the right place, one translation a phrase."""

import csv
import re
from datetime import date

import pytest

from pipeline.declare.settings import REPOSITORY
from reports.site.evidence import figure_words
from reports.site.render import environment
from reports.text.catalogue import PATH, Both, catalogue, day_both, in_language, label_both, say
from reports.text.po import entries
from reports.text.wording import LABELS
from scripts import translations

_FIELD = re.compile(r"\{(\w+)\}")


def test_every_phrase_has_burmese_with_the_same_values() -> None:
    for english, burmese in catalogue().items():
        assert sorted(_FIELD.findall(english)) == sorted(_FIELD.findall(burmese)), english
        assert burmese == burmese.strip() != ""
        assert max(burmese) >= "\u1000" or not re.search("[a-z]", _FIELD.sub("", english)), english


def test_the_catalogue_holds_the_sentences_in_use_and_no_other() -> None:
    found = translations.read()
    assert translations.faults(found) == []
    assert translations.text(translations.updated(found)) == PATH.read_bytes(), "run `make translations`"


def test_both_readers_read_the_same() -> None:
    read = {(one.context, one.english): one.burmese for one in entries(PATH)}
    assert read == {(one.context or "", one.id): one.string for one in translations.read() if one.id}


def test_a_sentence_that_changed_keeps_its_burmese_until_somebody_looks(monkeypatch) -> None:
    before = translations.read()
    changed = "Skip to all of the figures"
    monkeypatch.setattr(translations, "constants", lambda path: (set(), []))
    monkeypatch.setattr(translations, "uses", lambda known: {
        (changed if str(one.id) == "Skip to the figures" else str(one.id)): {name for name, _ in one.locations}
        for one in before if one.id and not one.context and str(one.id) != "Play"
    })  # fmt: skip
    after = translations.updated(before)
    assert after.get("Skip to the figures") is None and after.get("Play") is None
    assert after.get(changed).fuzzy and after.get(changed).string == before.get("Skip to the figures").string
    assert after.get(changed).previous_id == ["Skip to the figures"]
    assert [one for one in translations.faults(after) if changed in one and "fuzzy" in one]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', "line 3: 'a' stands twice"),
        ('msgid "a"\nmsgstr b\n', "line 2: 'msgstr b' is no line"),
        ('msgid "a"\nmsgid "b"\nmsgstr "c"\n', "line 2"),
    ],
)
def test_a_file_that_is_damaged_is_refused(tmp_path, text: str, said: str) -> None:
    (tmp_path / "my.po").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        list(entries(tmp_path / "my.po"))


def test_a_fuzzy_entry_is_none(tmp_path) -> None:
    text = '#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgid "c"\nmsgstr ""\n"d\\n"\n'
    (tmp_path / "my.po").write_text(text, encoding="utf-8")
    assert [(one.english, one.burmese) for one in entries(tmp_path / "my.po")] == [("a", ""), ("c", "d\n")]


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


def test_values_are_escaped_and_a_page_keeps_one_language() -> None:
    page = environment().from_string('{{ x }}|<a title="{{ x }}">').render(x=Both("<b>", '"'))
    assert in_language(page, "en") == '&lt;b&gt;|<a title="&lt;b&gt;">'
    assert in_language(page, "my") == '&#34;|<a title="&#34;">'
    hostile = environment().from_string("{{ x }}").render(x=Both("a\x03b\x04", "c\x02d"))
    assert (in_language(hostile, "en"), in_language(hostile, "my")) == ("ab", "cd")


def test_every_published_figure_beside_ours_has_a_name_and_a_unit_in_burmese() -> None:
    with (REPOSITORY / "data/reference/published_figures.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    wanted = {figure_words(row["figure"]) for row in rows} | {row["unit"] for row in rows}
    assert wanted <= set(catalogue()), wanted - set(catalogue())
    assert not [name for name in wanted if re.search(r"\d{4} \d\d \d\d", name)], "a date is written as one"
