"""What a run has to say: each kind of finding from values, in the command's words, with a key that tells it apart."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from homes import MONTH, delivery, rule
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare.notifications import NOTIFICATIONS, NotificationKind
from pipeline.notifications import findings
from pipeline.notifications.findings import Finding, Published, rule_line
from pipeline.notifications.messages import compose, one_line
from pipeline.storage.freshness import source_ages

RELEASE = Published(
    "2030-03-31-aaaa", "2030-03-31", "2030-04-01", "", False, True, (), MONTH, {"MMR002001": "Loikaw"}, 1.26
)
TEXT = st.text("aÜ\n\r\x00\x85\u2028 :")
HEAD = ("Run of 2030-04-01 05:31 (Myanmar), home /h.",)


def test_a_failed_run_says_what_the_command_says_and_fails_on_under_one_key():
    said = 'clashes/a.csv, row 7: event_date "31.02" is no day; mend it and deliver the file again'
    (one,) = findings.of_failure("the run", said, (), {}, HEAD, "monday")
    (again,) = findings.of_failure("the run", said, (), {}, HEAD, "monday")
    (later,) = findings.of_failure("the run", said, (), {}, HEAD, "tuesday")
    assert one.kind == NotificationKind.RUN_FAILED
    assert one.title == f"the run failed: {said}"
    assert one.key == again.key != later.key, "after a run that went well it is a new failure"
    (message,) = compose([one])
    assert said in message.body
    assert "township-index doctor" in message.body


def test_a_blocked_run_names_each_blocking_rule_with_its_file_and_no_warning():
    rules = [
        rule("kept", "raw.canonical_clashes", severity="critical", examples=["d1 line 12 MMR002001"]),
        rule("beside", severity="warning"),
        rule("whole", "records.clashes", severity="critical"),
    ]
    said = "nothing was published: raw.canonical_clashes: kept: 2 failed. The last release is as it was"
    found = findings.of_failure("the run", said, rules, {"d1": "clashes/a.csv"}, HEAD, "")
    assert [one.title for one in found] == ["raw.canonical_clashes: kept failed", "records.clashes: whole failed"]
    assert found[0].lines == (
        "critical: kept: Why kept is a rule. (2 failed; d1 line 12 MMR002001)",
        "d1 is clashes/a.csv; its rows: township-index set-aside --delivery d1",
    )
    (message,) = compose(found)
    assert message.subject == (
        "Township index: 2 blocking checks failed: raw.canonical_clashes: kept failed, records.clashes: whole failed"
    )
    assert message.body.count(said) == 1


def test_only_a_rule_that_did_not_warn_before_is_new():
    before = replace(RELEASE, release_id="old", rules=(rule("a"), rule("b", passed=True)))
    now = replace(RELEASE, rules=(rule("a"), rule("b"), rule("c", passed=True)))
    assert [one.title for one in findings.of_warnings(now, before, {}, HEAD)] == ["run: b warns"]
    assert findings.of_warnings(before, before, {}, HEAD) == ()
    assert [one.title for one in findings.of_warnings(now, None, {}, HEAD)] == ["run: a warns", "run: b warns"]


def test_of_an_internal_release_no_figure_of_a_rule_is_sent():
    now = replace(RELEASE, internal=True, rules=(rule("a", note="The sum is 41,233."),))
    (one,) = findings.of_warnings(now, None, {}, HEAD)
    assert "41,233" not in compose([one])[0].body


def test_a_source_is_silent_a_day_after_its_cadence_and_named_once():
    files = [
        delivery("d1", "ucdp_ged", "2030-01-01T00:00:00+00:00"),
        delivery("t", "canonical_clashes:a", "2020-01-01T00:00:00+00:00"),
    ]
    limit = source_ages(files, date(2030, 1, 1))[1].silent_after_days
    assert limit is not None
    days = [date.fromordinal(date(2030, 1, 1).toordinal() + limit + more) for more in (0, 1, 9)]
    found = [findings.of_sources(source_ages(files, day), HEAD) for day in days]
    assert [len(one) for one in found] == [0, 1, 1]
    assert found[1][0].key == found[2][0].key
    newer = [*files, delivery("d2", "ucdp_ged", "2030-02-01T00:00:00+00:00")]
    assert findings.of_sources(source_ages(newer, days[1]), HEAD) == ()
    assert "clashes/d1.csv" in compose(found[1])[0].body


def test_an_older_edition_says_that_latest_stays():
    assert "latest moved to it" in findings.of_publication(RELEASE, HEAD).lines[0]
    assert "latest stays" in findings.of_publication(replace(RELEASE, moved_latest=False), HEAD).lines[0]


def test_new_alerts_are_townships_with_their_number_and_that_of_chance():
    now = replace(RELEASE, alerts={"MMR002001": "Loikaw", "MMR002004": "Shadaw", "MMR001001": "Myitkyina"})
    found = findings.of_alerts(now, RELEASE, HEAD)
    assert [one.title for one in found] == ["Myitkyina (MMR001001)", "Shadaw (MMR002004)"]
    (message,) = compose(found)
    assert message.subject == "Township index: 2 townships have a new alert: Myitkyina (MMR001001), Shadaw (MMR002004)"
    assert "March 2030: 2 new of 3 alerts; about 1.3 would come by chance alone" in message.body
    other_month = replace(RELEASE, month=date(2030, 2, 1))
    assert len(findings.of_alerts(now, other_month, HEAD)) == 3, "an alert of another month is another alert"
    assert findings.of_alerts(RELEASE, RELEASE, HEAD) == ()
    assert findings.of_alerts(replace(RELEASE, alerts=None), None, HEAD) == ()


def test_alerts_are_those_of_the_newest_month_and_the_leading_method():
    index = pl.DataFrame(
        [("m", date(2030, 1, 1), "A", "a", "alert"), ("m", MONTH, "B", "b", "alert"), ("m", MONTH, "C", "c", "rise"),
         ("other", date(2031, 1, 1), "D", "d", "alert")],
        schema=["method", "month", "adm3_pcode", "adm3_name", "signal"], orient="row",
    )  # fmt: skip
    assert findings.alerts_of(index, "m") == (MONTH, {"B": "b"})
    assert findings.alerts_of(index, "none") is None
    lag = index.with_columns(in_publication_lag=pl.col("month") == MONTH)
    assert findings.alerts_of(lag, "m") == (date(2030, 1, 1), {"A": "a"}), (
        "a month that is still coming in tells nobody"
    )


def test_messages_come_in_the_declared_order_one_a_kind_and_a_finding_once():
    some = [Finding(kind, f"{kind}:{n}", f"{kind} {n}") for n in (1, 2, 1) for kind in reversed(NotificationKind)]
    made = compose(some)
    assert [one.kind for one in made] == [declared.kind for declared in NOTIFICATIONS]
    assert [declared.kind for declared in NOTIFICATIONS] == list(NotificationKind), "every kind has its words"
    assert all(len(one.keys) == 2 for one in made)
    assert compose([]) == ()


@given(TEXT)
def test_a_subject_is_one_line_that_no_mail_takes_for_a_header(text: str):
    line = one_line(text)
    assert len(line) <= 160
    assert line.splitlines() in ([line], [])


@given(st.builds(Finding, st.sampled_from(NotificationKind), TEXT, TEXT, st.tuples(TEXT), st.tuples(TEXT), TEXT))
def test_a_finding_comes_back_from_its_note(one: Finding):
    assert findings.finding(one.as_dict()) == one


def test_a_damaged_note_of_a_finding_is_refused():
    with pytest.raises((KeyError, ValueError, TypeError)):
        findings.finding({"kind": "no such kind"})


def test_a_rule_is_said_with_its_count_and_examples():
    assert rule_line(rule("a", examples=["x", "y"])) == "warning: a: Why a is a rule. (2 failed; x, y)"
