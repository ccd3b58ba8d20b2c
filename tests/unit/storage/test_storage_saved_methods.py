"""Saved methods: what is written is what a run reads, and everything that must not be used is refused."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from assets.context import IndexRun
from pipeline import doctor as checks
from pipeline.declare.choice import Choice
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import empty
from pipeline.declare.methods import ISP_2023, METHODS, FoundCut, Provenance
from pipeline.declare.settings import HOME_VARIABLE, REPOSITORY, Home
from pipeline.storage import saved_methods
from reports.files.dictionary import choice_rows, method_rows
from reports.release import Release

FOUND = FoundCut("security_high", (("security_high", 7.0),), (("security_high", 6.0),), 1.0, "8", "8 to 9")
ORIGIN = Provenance(
    base="isp-2023", source_family="ucdp_ged", source_key="ucdp_ged", figures_file='a "b"\x7f\n.csv',
    figures_sha256="f" * 64, release_id="2021-03-31-0", inputs_sha256="0" * 64, period_start=date(2021, 2, 1),
    period_end=date(2021, 3, 31), made_on=date(2021, 4, 1), synthetic=False, cuts=(FOUND,),
)  # fmt: skip
CUTS = {"security_high": (Choice(8, "because"), FOUND)}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return Home(tmp_path)


def test_what_is_written_is_what_a_run_reads(place: Home) -> None:
    made = saved_methods.write(place, "own-1", CUTS, ORIGIN)
    assert made == saved_methods.read(place, "own-1")
    assert made.saved == ORIGIN
    assert made.thresholds("ucdp_ged").security_high == Choice(8, "because")
    assert made.thresholds("ucdp_ged").fitted_to == ("security_high",)
    assert made.thresholds("ucdp_ged").security_goalpost == ISP_2023.thresholds("ucdp_ged").security_goalpost
    assert (made.idps_high, made.services_severe) == (ISP_2023.idps_high, ISP_2023.services_severe)
    assert [m.name for m in saved_methods.of_run(place, "own-1")] == [*METHODS, "own-1"]
    assert saved_methods.of_run(place, "isp-2023") == tuple(METHODS.values()), "only the one asked for"
    assert ISP_2023.thresholds("ucdp_ged").security_high.value != 8, "the shipped method is as it was"
    assert [p.name for p in place.methods.iterdir()] == ["own-1.toml"]


def test_every_cut_is_written_and_read(place: Home) -> None:
    others = {
        name: (Choice(value, "because"), replace(FOUND, name=name))
        for name, value in (("idps_high", 2500.0), ("services_severe", 0.7))
    }
    made = saved_methods.write(place, "own", {**CUTS, **others}, ORIGIN)
    assert (made.idps_high.value, made.services_severe.value) == (2500, 0.7)
    assert made.saved is not None
    assert [cut.name for cut in made.saved.cuts] == ["security_high", "idps_high", "services_severe"]


GOOD = saved_methods.as_toml("own", CUTS, ORIGIN)


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ('base = "isp-2023"', 'base = "isp"', "base 'isp' is no shipped method"),
        ('base = "isp-2023"', "", "base is missing; write text"),
        ('base = "isp-2023"', "base = 3", "base is 3; write text"),
        ('base = "isp-2023"', 'base = "isp-2023"\nwindow_months = 3', "'window_months' is not read"),
        ('source_family = "ucdp_ged"', 'source_family = "ucdp"', "no family of clash sources"),
        ('source_family = "ucdp_ged"', 'source_family = "acled"', "not of the family 'acled'"),
        ("[cuts.security_high]", "[cuts.security]", "'security' is not read"),
        ("cuts.security_high", "cuts.idps_high", "8 lies among groups of 1 to 9 displaced people, which are withheld"),
        ("value = 8", "value = 0", "must be a whole number above 0"),
        ("value = 8", "value = -8", "above 0"),
        ("value = 8", "value = 8.5", "whole number"),
        ("value = 8", "value = true", "write a number"),
        ("value = 8", 'value = "8"', "write a number"),
        ("value = 8", "value = nan", "write a number"),
        ("value = 8", "value = 8\ncolour = 1", "'colour' is not read"),
        ('why = "because"', 'why = " "', "why is blank"),
        ("[cuts.security_high.published]\nsecurity_high = 7\n", "", "published is missing; write a table"),
        ('equally_good = "8"', 'published = 7\nequally_good = "8"', "cannot be read"),
        ("synthetic = false", 'synthetic = "no"', "write true or false"),
        ("made_on = 2021-04-01", 'made_on = "2021-04-01"', "a day without quotes"),
        ("made_on = 2021-04-01", "made_on = 2021-04-01T00:00:00", "a day without quotes"),
        ("made_on = 2021-04-01", "", "made_on is missing"),
        ("[provenance]", "[provenance", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_key(place: Home, was: str, becomes: str, words: str) -> None:
    place.methods.mkdir()
    assert was in GOOD
    (place.methods / "own.toml").write_text(GOOD.replace(was, becomes), encoding="utf-8")
    with pytest.raises(UnusableInput, match=re.escape(words)) as refused:
        saved_methods.of_run(place, "own")
    assert "own.toml" in str(refused.value)


def test_a_name_that_is_neither_shipped_nor_saved_names_those_that_are(place: Home) -> None:
    saved_methods.write(place, "own", CUTS, ORIGIN)
    for name in ("mine", "../own", "own.toml", ""):
        with pytest.raises(UnusableInput, match="isp-2023, rolling-12m, own"):
            saved_methods.of_run(place, name)


def test_a_shipped_name_is_never_read_from_the_home(place: Home) -> None:
    place.methods.mkdir()
    (place.methods / "isp-2023.toml").write_text("nonsense")
    assert saved_methods.of_run(place, "isp-2023")[0] is ISP_2023
    assert saved_methods.names(place) == []


@pytest.mark.parametrize("name", ["isp-2023", "rolling-12m", "Own", "a", "-own", "own method", "../own", "x" * 41])
def test_names_that_cannot_be_saved_under(place: Home, name: str) -> None:
    with pytest.raises(UnusableInput, match="another"):
        saved_methods.check_new(place, name, may_replace=True)


def test_a_saved_method_is_replaced_only_where_that_is_said(place: Home) -> None:
    saved_methods.check_new(place, "own", may_replace=False)
    saved_methods.write(place, "own", CUTS, ORIGIN)
    with pytest.raises(UnusableInput, match="--replace"):
        saved_methods.check_new(place, "own", may_replace=False)
    saved_methods.check_new(place, "own", may_replace=True)


def test_a_cut_that_no_run_would_read_is_never_written(place: Home) -> None:
    with pytest.raises(UnusableInput):
        saved_methods.write(place, "own", {"security_high": (Choice(0, "because"), FOUND)}, ORIGIN)
    assert not place.methods.exists()


def run_of(place: Home, method: str, source_key: str) -> IndexRun:
    """A run in which one source of clashes was delivered."""
    run = IndexRun(method=method)
    run._warehouse = SimpleNamespace(read=empty)
    run._known = [SimpleNamespace(kind="clashes", format="x", source_key=source_key, source="S", primary=False)]
    return run


def test_a_method_of_another_source_is_refused_before_anything_is_computed(place: Home) -> None:
    saved_methods.write(place, "own", CUTS, ORIGIN)
    with pytest.raises(UnusableInput, match=r"calibrated for ucdp_ged, .* is acled: cuts do not carry over"):
        _ = run_of(place, "own", "acled").clash_source
    assert run_of(place, "own", "ucdp_ged").clash_source == "ucdp_ged"
    assert run_of(place, "isp-2023", "acled").clash_source == "acled"


def test_a_team_may_write_its_own_publication_lag(place: Home) -> None:
    assert saved_methods.write(place, "own", CUTS, ORIGIN).publication_lag_days == ISP_2023.publication_lag_days
    path = place.methods / "own.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\n[publication_lag]\ndays = 45\nwhy = "our network"\n', encoding="utf-8")
    assert saved_methods.read(place, "own").publication_lag_days == Choice(45, "our network")
    again = saved_methods.write(place, "own", CUTS, ORIGIN)
    assert again.publication_lag_days == Choice(45, "our network"), "calibrating again finds cuts, not the lag"
    path.write_text("no method", encoding="utf-8")
    assert saved_methods.write(place, "own", CUTS, ORIGIN).publication_lag_days == ISP_2023.publication_lag_days
    for wrong, told in (
        ('days = 4.5\nwhy = "x"', "days '4.5' is no number of days"), ('days = 45\nwhy = " "', "why is blank"),
        ("days = 45", "why is missing"), ('lag = 1\nwhy = "x"', "'lag' is not read"),
    ):  # fmt: skip
        path.write_text(f"{text}\n[publication_lag]\n{wrong}\n", encoding="utf-8")
        with pytest.raises(UnusableInput, match=rf"own.toml, publication_lag.*{re.escape(told)}"):
            saved_methods.read(place, "own")
        with pytest.raises(UnusableInput, match=rf"own.toml, publication_lag.*{re.escape(told)}") as refused:
            saved_methods.check_new(place, "own", may_replace=True)
        assert "--replace" not in str(refused.value), "to replace the method does not mend its lag"


def test_another_team_of_the_same_family_is_noted(place: Home) -> None:
    own = replace(ORIGIN, source_family="canonical_clashes", source_key="canonical_clashes:a")
    made = saved_methods.write(place, "own", CUTS, own)
    assert "each team counts its own way" in saved_methods.require_source(made, "canonical_clashes:b")
    assert saved_methods.require_source(made, "canonical_clashes:a") == ""
    assert saved_methods.require_source(ISP_2023, "anything") == ""
    with pytest.raises(UnusableInput, match="is none"):
        saved_methods.require_source(made, "")


def test_the_run_computes_its_own_methods_and_knows_the_cumulative_ones(place: Home) -> None:
    saved_methods.write(place, "own", CUTS, ORIGIN)
    run = IndexRun(method="own")
    assert run.chosen_method.name == "own"
    assert run.cumulative_methods == {"isp-2023", "own"}


def test_what_a_saved_method_holds_is_part_of_a_release_s_identity(place: Home) -> None:
    one = saved_methods.write(place, "own", CUTS, ORIGIN)
    again = saved_methods.write(place, "own", CUTS, ORIGIN)
    other = saved_methods.write(place, "own", {"security_high": (Choice(9, "because"), FOUND)}, ORIGIN)
    assert saved_methods.identity(one) == saved_methods.identity(again) != saved_methods.identity(other)
    assert saved_methods.identity(ISP_2023) == []


def test_the_manifest_gets_plain_values(place: Home) -> None:
    made = saved_methods.write(place, "own", CUTS, ORIGIN)
    facts = json.loads(json.dumps(saved_methods.as_facts(made)))
    assert (facts["name"], facts["period_end"], facts["figures_sha256"]) == ("own", "2021-03-31", "f" * 64)
    assert facts["cuts"][0]["value"] == 8
    with pytest.raises(ValueError, match="ships"):
        saved_methods.as_facts(ISP_2023)


def test_the_reports_list_the_cuts_of_the_one_source_it_holds_for(place: Home) -> None:
    made = saved_methods.write(place, "own", CUTS, ORIGIN)
    cuts = [row for row in choice_rows(made) if row[1] == "security_high"]
    assert cuts == [("own", "security_high", "ucdp_ged", "8", "because")]
    assert len([row for row in choice_rows(ISP_2023) if row[1] == "security_high"]) == 3
    assert {row[0] for row in method_rows((ISP_2023, made))} == {"isp-2023", "own"}


def test_a_release_knows_the_methods_of_its_run() -> None:
    release = Release("r", False, False, "isp-2023", date(2021, 3, 31), None, (), "0")
    assert release.methods == tuple(METHODS.values())
    assert release.spec("isp-2023") is ISP_2023
    assert release.spec("own") is None


def test_no_asset_and_no_report_goes_round_the_methods_of_the_run() -> None:
    """They take them from the run or the release: the shipped list alone would leave a saved method out."""
    users = [
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("assets", "reports")
        for path in (REPOSITORY / folder).rglob("*.py")
        if re.search(r"\bMETHODS\b", path.read_text(encoding="utf-8"))
    ]
    assert users == ["assets/launch_form.py", "reports/release.py"], "the form names them and takes a saved one too"


def test_the_doctor_names_a_damaged_method_and_one_that_is_never_used(place: Home) -> None:
    assert list(checks.methods(place)) == [("ok", "0 saved methods")]
    saved_methods.write(place, "own", CUTS, ORIGIN)
    (place.methods / "isp-2023.toml").write_text("nonsense")
    (place.methods / "other.toml").write_text(GOOD.replace("value = 8", "value = 0"))
    states = dict(checks.methods(place))
    assert "isp-2023.toml bears the name of a method that ships" in states["note"]
    assert "other.toml, cuts.security_high" in states["problem"]
