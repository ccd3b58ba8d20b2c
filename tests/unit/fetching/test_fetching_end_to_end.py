"""From a server to a delivery that the next fetch goes on from; and the command itself where no server is reached."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from stand_in_server import CANARY, KEYS, StandIn, everything_written
from test_fetching_acled import DELETED, EVENTS, LOGIN, event, paged, token

from pipeline.declare.codes import Kind
from pipeline.declare.settings import REPOSITORY, Home
from pipeline.ingest.inbox import deliver, find_files
from pipeline.ingest.sidecar import read_sidecar
from pipeline.ingest.table import read_table
from pipeline.storage import deliveries

pytestmark = pytest.mark.integration
NOTES = ("a, b", 'said "yes"', "two\nlines", "=HYPERLINK(1)", "ကချင်", "", None, "nul\x00l")


def test_acled_from_a_server_to_a_delivery(
    fetch: Callable[..., list[Any]], server: StandIn, place: Home, keys: dict[str, str],
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    rows = [event(n, notes=NOTES[n % len(NOTES)], fatalities=n, tags="crowd size=no report") for n in range(2_300)]
    server.on(LOGIN, token("canary-access"))
    server.on(EVENTS, paged(rows[:1_000], rows[1_000:2_000], rows[2_000:]))
    server.on(DELETED, paged([{"event_id_cnty": "MMR7", "deleted_timestamp": "1700009999"}]))
    events, deleted = fetch("acled")

    table = read_table(events.path, Kind.CLASHES, read_sidecar(events.path))
    assert table.format == "acled"
    assert table.frame["problem"].null_count() == len(rows) == events.rows == table.frame.height
    assert table.frame["event_id_cnty"].to_list() == [row["event_id_cnty"] for row in rows]
    assert table.frame["fatalities"].cast(pl.Int64).sum() == sum(range(2_300))
    assert table.frame["notes"].to_list()[:5] == list(NOTES[:5])
    assert deleted.rows == 1

    landings = deliver(place, find_files(place.inbox), datetime.now(UTC))
    assert sorted(one.delivery.format for one in landings) == ["acled", "acled_deleted"]
    held = {one.format: one for one in deliveries.in_force(place)}
    assert held["acled"].revised_until == "1700002299"
    assert held["acled"].query == "events in Myanmar, from_2021-02-01"
    assert "may not be passed on" in held["acled"].licence
    assert held["acled_deleted"].revised_until == "1700009999"

    told = capfd.readouterr()
    assert CANARY not in told.out + told.err
    assert CANARY.encode() not in everything_written(place)


def test_deliveries_from_before_these_fields_still_load(place: Home) -> None:
    (place.inbox / "clashes").mkdir(parents=True)
    text = "event_id,event_date,event_type,adm3_pcode\n1,2023-01-01,clash,MMR001001\n"
    (place.inbox / "clashes" / "a.csv").write_text(text)
    (landing,) = deliver(place, find_files(place.inbox), datetime.now(UTC))
    path = place.deliveries / "clashes" / f"{landing.delivery.delivery_id}.json"
    text = path.read_text()
    for line in (' "query": null,\n', ' "revised_until": null,\n'):
        assert line in text
        text = text.replace(line, "")
    path.write_text(text)
    (loaded,) = deliveries.in_force(place)
    assert (loaded.query, loaded.revised_until) == (None, None)


HOSTS = {"ucdp": "ucdpapi.pcr.uu.se", "idmc": "helix-tools-api.idmcdb.org"}
FETCH_BOTH = """
import sys
from pipeline.cli import app, main
home, first, last = sys.argv[1:]
sys.argv = ["township-index", "fetch", first, "--home", home]
try:
    app()
except SystemExit as ended:
    print("ended", ended.code)
sys.argv = ["township-index", "fetch", last, "--home", home]
main()
"""


def test_without_a_network_the_command_ends_at_once(place: Home) -> None:
    """Each command as from the shell, one after the other in a process: to start one takes most of the time."""
    environment = {
        **{name: text for name, text in os.environ.items() if "proxy" not in name.lower()},
        **{name: text for name, text in KEYS.items() if text},
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", FETCH_BOTH, str(place.root), *HOSTS],
        capture_output=True, text=True, check=False, env=environment, cwd=REPOSITORY, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and "ended 2" in done.stdout.splitlines(), done.stderr
    assert done.stderr.splitlines() == [
        f"township-index: {host} could not be reached; check the network connection, the name server and any proxy"
        for host in HOSTS.values()
    ]
    assert time.monotonic() - started < 20
    assert CANARY not in (done.stdout + done.stderr).lower()
    assert not any(place.inbox.glob("*/*"))
