"""A sender's own words for our terms: what [values] may say, what is told, and that they count as they say."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.codes import EventClass, Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.terms import ACLED_SUB_EVENTS
from pipeline.ingest.inbox import judge
from pipeline.records.events import canonical_events
from pipeline.records.parsing import with_delivery
from pipeline.records.triage import Triage
from pipeline.storage.deliveries import as_frame

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def judged(folder: Path, words: list[str], toml: str, kind: Kind = Kind.CLASHES, column: str = "event_type"):  # type: ignore[no-untyped-def]
    path = folder / "e.csv"
    rows = [f'e{n},2023-11-02,"{word}",MMR002002' for n, word in enumerate(words)]
    path.write_text("\n".join([f"event_id,event_date,{column},adm3_pcode", *rows]) + "\n", encoding="utf-8")
    (folder / "e.csv.toml").write_text(toml, encoding="utf-8")
    return judge([(kind, path)], NOW)[0]


def events(folder: Path, words: list[str], toml: str = "", column: str = "event_type") -> Triage:
    one = judged(folder, words, toml, column=column)
    raw = one.frame.with_columns(pl.lit(one.delivery.delivery_id).alias("delivery_id"))
    return canonical_events(with_delivery(raw, as_frame([one.delivery])))


def test_own_words_become_terms_whatever_their_case_and_blanks(tmp_path: Path) -> None:
    toml = '[columns]\nevent_type = "What"\n[values.event_type]\n"Armed  Incident" = "clash"\n"တိုက်ပွဲ" = "Battles"\n'
    made = events(tmp_path, ["armed incident", " ARMED INCIDENT", "တိုက်ပွဲ", "Robbery"], toml, column="What")
    assert made.kept["event_class"].to_list() == ["clash"] * 3
    assert made.set_aside.select("column_name", "found").row(0)[0] == "event_type"
    assert made.set_aside["found"][0].startswith("Robbery (known: clash, ")


def test_the_mirror_keeps_the_words_as_delivered(tmp_path: Path) -> None:
    one = judged(tmp_path, ["Skirmish"], '[values.event_type]\nSkirmish = "clash"\n')
    assert one.frame["event_type"].to_list() == ["Skirmish"]
    assert one.delivery.values == '{"event_type": {"skirmish": "clash"}}'


def test_own_words_are_part_of_what_a_delivery_is_only_where_stated(tmp_path: Path) -> None:
    said = '[values.event_type]\nSkirmish = "{}"\n'
    ids = [judged(tmp_path, ["Skirmish"], toml).delivery.delivery_id for toml in ("", "[values]", said.format("clash"),
           said.format("other"), said.format("CLASH").replace("Skirmish", '"skirmish "'))]  # fmt: skip
    assert ids[0] == ids[1]
    assert ids[2] == ids[4]
    assert len(set(ids)) == 3


def test_a_word_that_stands_in_no_row_is_told(tmp_path: Path) -> None:
    notes = judged(tmp_path, ["clash"], '[values.event_type]\nSkirmish = "clash"\n').delivery.notes
    assert "maps words that stand in no row: 'skirmish'" in notes[-1]


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[values.event_typ]\na = "clash"', ("did you mean event_type?", "event_type, geo_precision, date_precision")),
        ('[values.fatalities]\na = "clash"', ("no column of terms of canonical_clashes",)),
        (
            '[values.event_type]\na = "fight"',
            ("'fight', which is no term of event_type", "use one of clash, violence_ag"),
        ),
        ('[values.geo_precision]\na = "village"', ("exact, township, district",)),
        ('[values.event_type]\n" " = "clash"', ("maps a blank",)),
        ('[values.event_type]\na = "clash"\nA = "other"', ("to two terms",)),
        ('[values]\nevent_type = "clash"', ("must map words of a column",)),
        ("[values.event_type]\na = 1", ("must map words of a column",)),
        ('sheet = "x"\nsheets = "all"', ("keep one of them",)),
        ('sheets = ["a"]', ("sheets",)),
        ('sheets = "every"', ('write sheets = "all"',)),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_can(tmp_path: Path, toml: str, words: tuple[str, ...]) -> None:
    with pytest.raises(UnusableInput) as caught:
        judged(tmp_path, ["a"], toml)
    for word in ("e.csv.toml", *words):
        assert word in str(caught.value)


def test_own_words_of_controllers_and_answers(tmp_path: Path) -> None:
    for kind, header, toml in (
        (Kind.CONTROL, "reference_date,adm3_pcode,controller,confidence", '[values.controller]\nSAC = "state"'),
        (Kind.SERVICES, "survey_date,adm3_pcode,electricity", '[values.electricity]\nSAC = "no"'),
    ):
        row = "2023-01-01,MMR001001,SAC" + (",high" if kind == Kind.CONTROL else "")
        (tmp_path / "c.csv").write_text(f"{header}\n{row}\n")
        (tmp_path / "c.csv.toml").write_text(toml)
        one = judge([(kind, tmp_path / "c.csv")], NOW)[0]
        raw = one.frame.with_columns(pl.lit(one.delivery.delivery_id).alias("delivery_id"))
        ours = with_delivery(raw, as_frame([one.delivery]))
        assert ours.item(0, header.split(",")[2]) == toml.split('"')[1]


def test_every_sub_event_type_of_acled_is_a_term_of_event_type(tmp_path: Path) -> None:
    written = {
        "Armed clash": "clash", "Shelling/artillery/missile attack": "clash", "Air/drone strike": "clash",
        "Remote explosive / landmine / IED": "clash", "Non-state actor overtakes territory": "clash",
        "Attack": "violence_against_civilians", "Abduction/forced disappearance": "violence_against_civilians",
        "Peaceful protest": "other", "Looting/property destruction": "other", "Arrests": "other",
    }  # fmt: skip
    made = events(tmp_path, list(written))
    assert dict(zip(made.kept["event_type"], made.kept["event_class"], strict=True)) == written
    assert len(ACLED_SUB_EVENTS) == 26  # 25, one of them in two spellings
    assert sum(known == EventClass.CLASH for known in ACLED_SUB_EVENTS.values()) == 9


def test_a_word_that_means_a_clash_to_some_is_told_and_can_be_mapped(tmp_path: Path) -> None:
    assert "'attack' are read as ACLED means it" in judged(tmp_path, ["Attack"], "").delivery.notes[-1]
    toml = '[values.event_type]\nattack = "clash"\n'
    assert judged(tmp_path, ["Attack"], toml).delivery.notes == ()
    assert events(tmp_path, ["Attack"], toml).kept["event_class"].to_list() == ["clash"]
