"""What reviewers turned down is not counted, in whatever kind of file and under whatever server's name."""

import json

import polars as pl
import pytest
from records_frames import ANSWER, CLASH, gazetteer, observed, reported, rows_of

from geo.townships import codes
from pipeline.declare.codes import Reason
from pipeline.records import observations
from pipeline.records.clashes import current_clashes
from pipeline.records.events import canonical_events
from pipeline.records.triage import Triage

DAYS = ("2024-06-01T08:00:00+00:00", "2024-06-02T08:00:00+00:00")


def extra(**cells: str) -> dict[str, str]:
    return {"extra": json.dumps(cells)}


def surveyed(*frames: pl.DataFrame) -> Triage:
    return reported("services", survey_services=pl.concat(frames))


# What a server says of an answer, and why it is set aside; "either" stands for a review that has its word twice.
WORDS: list[tuple[dict[str, str], str | None]] = [
    ({"_validation_status": "Not Approved"}, Reason.NOT_APPROVED),
    ({"_validation_status": "On Hold"}, Reason.NOT_APPROVED),
    ({"_validation_status": "Approved"}, None),
    ({"_validation_status": ""}, None),
    ({"_validation_status/uid": "validation_status_not_approved", "_validation_status/label": "x"}, "either"),
    ({"_validation_status/label": "Approved", "_validation_status/by_whom": "rejected"}, None),
    ({"ReviewState": "hasIssues"}, Reason.NOT_APPROVED),
    ({"__system/reviewState": "rejected"}, Reason.NOT_APPROVED),
    ({"__system.reviewState": "edited"}, None),
    ({"__system/deletedAt": "2023-01-05T00:00:00Z"}, Reason.DELETED),
    ({"DeletedDate": "2023-01-05"}, Reason.DELETED),
    ({"_review_status": "2"}, Reason.NOT_APPROVED),
    ({"_review_status": "Rejected"}, Reason.NOT_APPROVED),
    ({"_review_status": "Pending", "_review_comment": "rejected?"}, None),
    ({"review_status": "REJECTED", "review_quality": ""}, Reason.NOT_APPROVED),
    ({"review_status": "NONE"}, None),
    ({"review_status": "looks odd"}, Reason.UNKNOWN_TERM),
    ({"remark": '"_validation_status": "rejected"', "_status": "submitted_via_web"}, None),
]


def test_every_servers_word_is_heeded_in_every_kind() -> None:
    """Each word in a row of its own, in a township of its own: all 18 of Kachin."""
    own = [{"adm3_pcode": code, **extra(**cells)} for code, (cells, _) in zip(codes(), WORDS, strict=False)]
    rows = [{"reference_date": "2023-01-01", **row} for row in own]
    events = [CLASH | row | {"event_id": row["adm3_pcode"]} for row in own]
    answers = [{"survey_date": "2023-01-01", **row} for row in own]
    displaced = rows_of("canonical_displacement", [row | {"idps_new_persons": "5"} for row in rows])
    made = {
        "survey": surveyed(rows_of("survey_services", [ANSWER | row | {"uuid": row["adm3_pcode"]} for row in own])),
        "clashes": _events(rows_of("canonical_clashes", events)),
        "control": observed(*(row | {"controller": "state"} for row in rows)),
        "displacement": reported("displacement", canonical_displacement=displaced),
        "population": observations.population(
            rows_of("canonical_population", [row | {"population_persons": "5"} for row in rows]), gazetteer()
        ),
        "services": reported("services", canonical_services=rows_of("canonical_services", answers)),
    }
    wanted = {n: Reason.NOT_APPROVED if reason == "either" else reason for n, (_, reason) in enumerate(WORDS, start=2)}
    for kind, result in made.items():
        kept = dict.fromkeys(result.kept["row_number"])
        assert kept | dict(result.set_aside.select("row_number", "reason").iter_rows()) == wanted, kind
        assert result.kept.height + result.set_aside.height == len(WORDS), kind


def _events(rows: pl.DataFrame) -> Triage:
    result = current_clashes([canonical_events(rows)], gazetteer())
    return Triage(result.records, result.set_aside)


def test_an_event_turned_down_later_ends_and_one_approved_later_counts() -> None:
    def both(first: str, second: str) -> Triage:
        frames = (rows_of("canonical_clashes", [CLASH | extra(_validation_status=status)], f"d{n}", DAYS[n])
                  for n, status in enumerate((first, second)))  # fmt: skip
        return _events(pl.concat(frames))

    assert both("", "Not Approved").kept.is_empty()
    assert sorted(both("", "Not Approved").set_aside["reason"]) == [Reason.NOT_APPROVED, Reason.SUPERSEDED]
    assert both("On Hold", "Approved").kept["delivery_id"].to_list() == ["d1"]


def test_an_unknown_word_is_shown_with_those_that_are_known() -> None:
    found = surveyed(rows_of("survey_services", [ANSWER | {"validation_status": "Hmm"}])).set_aside.item(0, "found")
    assert found.startswith("hmm (known: approved, ")
    assert "not_approved" in found


def test_an_edited_submission_is_known_by_its_number_or_root_though_its_uuid_is_new() -> None:
    first = ANSWER | extra(_id="71")
    edited = ANSWER | {"uuid": "u2", "electricity": "no"} | extra(_id="71")
    for rows in ([first, edited], [ANSWER, edited | extra(**{"meta/rootUuid": "uuid:u1"})]):
        made = surveyed(*(rows_of("survey_services", [row], f"d{n}", DAYS[n]) for n, row in enumerate(rows)))
        assert made.kept["electricity"].to_list() == ["no"]
        assert made.set_aside["reason"].to_list() == [Reason.SUPERSEDED]
    other = edited | {"submission_time": "2023-01-05T00:00:00"}
    made = surveyed(rows_of("survey_services", [first, other]))
    assert made.kept.height == 2, "the same number on another server is another submission"


def test_a_server_that_says_when_it_was_edited_needs_no_order_of_arrival() -> None:
    edited = ANSWER | {"electricity": "no"} | extra(**{"__system/updatedAt": "2023-02-01T00:00:00.000Z"})
    made = surveyed(rows_of("survey_services", [edited]), rows_of("survey_services", [ANSWER], "d2", DAYS[1]))
    assert made.kept["electricity"].to_list() == ["no"]


@pytest.mark.parametrize(
    ("stated", "sent", "day", "time"),
    [
        ("Nov 2, 2023", "Nov 3, 2023 3:04:05 PM", "2023-11-02", "2023-11-03T15:04:05"),
        ("2023-11-02", "Nov 13, 2023 12:04:05\u202fAM", "2023-11-02", "2023-11-13T00:04"),
        ("2023-11-02", "2023-11-03 03:04:05", "2023-11-02", "2023-11-03T03:04:05"),
    ],
)
def test_dates_with_the_month_as_a_word_are_read(stated: str, sent: str, day: str, time: str) -> None:
    made = surveyed(rows_of("survey_services", [ANSWER | {"survey_date": stated, "submission_time": sent}])).kept
    assert str(made.item(0, "survey_date")) == day
    assert made.item(0, "updated_at").startswith(time)


def test_a_date_that_no_server_writes_stays_unread() -> None:
    made = surveyed(rows_of("survey_services", [ANSWER | {"survey_date": "2 Nov 23"}]))
    assert made.set_aside["reason"].to_list() == [Reason.INVALID_DATE]
