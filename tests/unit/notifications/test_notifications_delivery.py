"""Messages that really leave: to a loopback mail server and a loopback webhook, in order, nothing twice."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from receivers import Received, mail_server, webhook

from pipeline.declare.errors import UnusableInput
from pipeline.declare.notifications import NotificationKind
from pipeline.declare.settings import Home
from pipeline.notifications import ledger
from pipeline.notifications.delivery import deliver, due
from pipeline.notifications.findings import Finding
from pipeline.notifications.ledger import Account
from pipeline.notifications.messages import TEST
from pipeline.notifications.sending import send
from pipeline.storage.targets import Target

DAY = date(2030, 4, 1)
PUBLISHED = Finding(NotificationKind.PUBLISHED, "published:a", "release a was published", ("Period to 2030-03-31.",))
WARNS = Finding(NotificationKind.CHECK_WARNS, "check_warns:run:x", "run: x warns", ("warning: x: why\n",))
FAILED = Finding(NotificationKind.RUN_FAILED, "run_failed:y", "the run failed: no room\nBcc: z@example.org")


@dataclass
class Two:
    mail: Received
    hook: Received
    targets: tuple[Target, Target]


@pytest.fixture
def two() -> Iterator[Two]:
    with mail_server() as mail, webhook() as hook:
        to = f"mailto://127.0.0.1:{mail.port}?from=index@example.org&to=team@example.org&mode=insecure"
        yield Two(
            mail, hook, (Target("target 1", to), Target("target 2", f"json://u:sesame@127.0.0.1:{hook.port}/sesame"))
        )


def test_each_target_gets_one_message_a_kind_in_order_and_nothing_twice(two: Two, tmp_path: Path):
    place = Home(tmp_path)
    said = deliver(place, two.targets, [WARNS, PUBLISHED, FAILED], DAY)
    subjects = [
        "Township index: the run failed: no room Bcc: z@example.org",
        "Township index: release a was published",
        "Township index: run: x warns",
    ]
    assert two.mail.subjects == two.hook.subjects == subjects
    first = two.mail.mails[0]
    assert (first["To"], first["Bcc"], first.get_content_type()) == ("team@example.org", None, "text/plain")
    assert "  Period to 2030-03-31." in two.mail.mails[1].get_content().splitlines()
    assert [one["type"] for one in two.hook.posts] == ["failure", "success", "warning"]
    assert said == [
        f"notify: target 1 (mailto://127.0.0.1:{two.mail.port}): 3 messages sent",
        f"notify: target 2 (json://127.0.0.1:{two.hook.port}): 3 messages sent",
    ]
    assert deliver(place, two.targets, [PUBLISHED, WARNS, FAILED], DAY + timedelta(days=1)) == []
    assert len(two.mail.mails) == len(two.hook.posts) == 3


def test_a_target_that_refuses_is_a_line_and_gets_it_at_the_next_occasion(two: Two, tmp_path: Path):
    place = Home(tmp_path)
    two.mail.refuses = two.hook.refuses = True
    said = deliver(place, two.targets, [PUBLISHED], DAY)
    assert len(said) == 2
    assert all(
        "0 messages sent, 1 not: " in line and line.endswith("tried again at the next occasion") for line in said
    )
    assert "the server answered 503" in said[1]
    two.hook.refuses = False
    deliver(place, two.targets, [], DAY + timedelta(days=1))
    assert two.hook.subjects == ["Township index: release a was published"], "what waits needs no new run"
    two.mail.refuses = False
    deliver(place, two.targets, [WARNS], DAY + timedelta(days=2))
    deliver(place, two.targets, [WARNS, PUBLISHED], DAY + timedelta(days=3))
    assert two.mail.subjects == ["Township index: release a was published", "Township index: run: x warns"]
    assert two.hook.subjects == two.mail.subjects


def test_nobody_there_ends_the_turn_of_one_target_alone_and_no_secret_is_said(
    two: Two, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    gone = Target("target 3", "jsons://u:sesame@127.0.0.1:9/sesame")
    with caplog.at_level(logging.DEBUG):
        said = deliver(Home(tmp_path), (gone, two.targets[1]), [PUBLISHED, WARNS], DAY)
    assert said[0].startswith("notify: target 3 (jsons://127.0.0.1:9): 0 messages sent, 2 not: no connection; ")
    assert len(two.hook.posts) == 2
    kept = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    heard = capsys.readouterr()
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("apprise")]
    assert "sesame" not in " ".join([*said, kept, heard.out, heard.err, *logged])


def test_a_target_gets_the_kinds_that_it_wants(two: Two, tmp_path: Path):
    mail, hook = two.targets
    some = (Target(mail.name, mail.url, (NotificationKind.PUBLISHED,)), hook)
    deliver(Home(tmp_path), some, [WARNS, PUBLISHED], DAY)
    assert two.mail.subjects == ["Township index: release a was published"]
    assert len(two.hook.subjects) == 2


def test_an_address_of_no_service_is_told_without_it():
    outcome = send(Target("target 1", "nosuch://sesame"), TEST)
    assert not outcome.went
    assert "sesame" not in outcome.why
    assert "no service" in outcome.why


def test_what_is_due_is_shown_without_a_note_and_without_a_sending(tmp_path: Path):
    targets = (Target("target 1", "json://127.0.0.1:9/x"),)
    (one,) = due(targets, [PUBLISHED, WARNS], {targets[0].identity: Account({PUBLISHED.key: DAY})})
    assert [message.subject for message in one.messages] == ["Township index: run: x warns"]
    assert list(tmp_path.iterdir()) == []


def test_an_account_forgets_what_is_long_past_and_what_waited_too_long():
    sent = Account().after([PUBLISHED.key, WARNS.key], [FAILED], [], DAY)
    assert sent.due([PUBLISHED, WARNS]) == (FAILED,)
    month = sent.after([], [FAILED], [WARNS.key], DAY + timedelta(days=30))
    assert [one.since for one in month.waiting] == [DAY]
    assert month.after([], [FAILED], [], DAY + timedelta(days=31)).waiting == ()
    later = month.after([], [], [], DAY + timedelta(days=401))
    assert set(later.sent) == {WARNS.key}, "what was still true lately is not told again"


def test_a_target_that_was_taken_out_waits_for_nothing_and_remembers():
    there = {"a": Account({"x": DAY}, Account().after([], [FAILED], [], DAY).waiting)}
    assert ledger.without_strangers(there, ["a"]) == there
    assert ledger.without_strangers(there, ["b"]) == {"a": Account({"x": DAY})}


def test_a_ledger_comes_back_as_it_was_written_and_a_damaged_one_is_named(tmp_path: Path):
    place = Home(tmp_path)
    accounts = {"a": Account({"x": DAY}, Account().after([], [FAILED], [], DAY).waiting)}
    ledger.write(place, accounts)
    assert ledger.read(place) == accounts
    path = place.notifications / "ledger.json"
    for text in ("{", json.dumps({"a": {"sent": []}}), json.dumps({"a": {"sent": {"x": "no day"}, "waiting": []}})):
        path.write_text(text)
        with pytest.raises(UnusableInput, match=r"ledger\.json: the list of what was sent is damaged"):
            ledger.read(place)
