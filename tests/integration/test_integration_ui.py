"""The UI as it really starts: it works for who opened it, refuses every other page, and ends with all its processes."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dagster
import pytest
from integration_homes import Command, alive, descendants, wait_until
from playwright.sync_api import Browser

pytestmark = pytest.mark.integration
LAUNCH = """mutation { launchRun(executionParams: {
  selector: {repositoryLocationName: "pipeline.definitions", repositoryName: "__repository__",
             jobName: "township_index"},
  runConfigData: "%s"}) { __typename ... on LaunchRunSuccess { run { id } }
  ... on RunConfigValidationInvalid { errors { message } } } }"""
RUNS = "{ runsOrError { ... on Runs { results { id } } } }"
# The page that was tried: two images, a form that names no JSON, a script; and a socket.
ATTACK = """<!doctype html><meta charset="utf-8"><title>attack</title>
<img src="{ui}/graphql?query={mutation}"><img referrerpolicy="no-referrer" src="{ui}/graphql?query={mutation}">
<iframe name="sink"></iframe>
<form id="form" method="post" enctype="text/plain" target="sink" action="{ui}/graphql?query={mutation}">
<input name="a" value="b"></form>
<script>
document.getElementById("form").submit();
const body = JSON.stringify({{query: {query}}});
const tried = [
  fetch("{ui}/graphql", {{method: "POST", mode: "no-cors", body, headers: {{"Content-Type": "text/plain"}}}}),
  fetch("{ui}/graphql", {{method: "POST", body, headers: {{"Content-Type": "application/json"}}}}),
  new Promise((yes, no) => {{ const s = new WebSocket("{socket}/graphql"); s.onopen = yes; s.onerror = no; }}),
];
Promise.allSettled(tried).then(all => {{ document.title = "done " + all.map(one => one.status).join(" "); }});
</script>"""


@dataclass(frozen=True)
class UI:
    home: Path
    port: int
    process: Any

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def graphql(self, query: str, **headers: str) -> Any:
        own = {"Content_Type": "application/json", "Origin": self.address, **headers}
        code, text = self.ask("POST", "/graphql", json.dumps({"query": query}).encode(), **own)
        assert code == 200, text
        return json.loads(text)["data"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def ui(command: Command, tmp_path_factory: pytest.TempPathFactory) -> Iterator[UI]:
    home, port = tmp_path_factory.mktemp("ui") / "home", free_port()
    process = command.start("dev", "--home", home, "--port", port)
    found = UI(home, port, process)
    try:
        deadline = time.monotonic() + 180
        while True:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "no answer in 180 s"
            try:
                answer = found.ask("GET", "/server_info")
                break
            except OSError:
                time.sleep(0.3)
        assert json.loads(answer[1])["dagster_version"] == dagster.__version__
        yield found
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)


@pytest.fixture(scope="module")
def elsewhere(ui: UI) -> Iterator[str]:
    """The address of a page of another origin that attacks the UI."""
    mutation = LAUNCH % ""
    page = ATTACK.format(
        ui=ui.address, socket=ui.address.replace("http", "ws"), mutation=quote(mutation), query=json.dumps(mutation)
    ).encode()

    class Attack(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Attack)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_it_works_for_its_own_pages(ui: UI, chromium: Browser) -> None:
    """In a browser as a user has it: the list of jobs shows ours, and nothing was refused or failed."""
    context = chromium.new_context()
    page, refused = context.new_page(), []
    page.on("response", lambda one: refused.append((one.status, one.url)) if one.status >= 400 else None)
    page.on("pageerror", lambda error: refused.append((0, str(error))))
    page.goto(f"{ui.address}/jobs")
    page.get_by_text("township_index", exact=True).first.wait_for(timeout=60_000)
    page.goto(f"{ui.address}/graphql")
    context.close()
    assert refused == []
    entries = ui.graphql("{ repositoriesOrError { ... on RepositoryConnection { nodes { location { name } } } } }")
    assert [one["location"]["name"] for one in entries["repositoriesOrError"]["nodes"]] == ["pipeline.definitions"]


def test_a_page_of_another_origin_starts_nothing(ui: UI, elsewhere: str, chromium: Browser) -> None:
    context = chromium.new_context()
    page, answers = context.new_page(), []
    page.on("response", lambda one: answers.append(one.status) if one.url.startswith(ui.address) else None)
    page.goto(elsewhere)
    page.get_by_text("403", exact=False)
    wait_until(lambda: page.title().startswith("done"), 60, "the end of the attack", 0.1)
    title = page.title()
    context.close()
    # The first is a script's own request without leave to read: sent, and refused as the log of the UI says.
    assert title == "done fulfilled rejected rejected"
    assert answers
    assert set(answers) <= {403}, "images, form and scripts were refused"
    assert ui.graphql(RUNS) == {"runsOrError": {"results": []}}
    assert not (ui.home / "deliveries").exists()


def test_programs_that_pretend_are_refused(ui: UI) -> None:
    mutation = quote(LAUNCH % "")
    body = json.dumps({"query": LAUNCH % ""}).encode()
    for method, path, sent, headers in (
        ("GET", f"/graphql?query={mutation}", None, {}),
        ("GET", f"/graphql?query={quote(RUNS)}", None, {}),
        ("POST", f"/graphql?query={mutation}", b"", {"Content_Type": "text/plain"}),
        ("POST", "/graphql", (LAUNCH % "").encode(), {"Content_Type": "application/graphql"}),
        ("POST", "/graphql", body, {"Content_Type": "application/json", "Origin": "http://evil.example"}),
        ("POST", "/graphql", body, {"Content_Type": "application/json", "Host": f"evil.example:{ui.port}"}),
        ("GET", "/", None, {"Host": f"evil.example:{ui.port}"}),
    ):
        code, text = ui.ask(method, path, sent, **headers)
        assert (code, text[:5], text.count("\n")) == (403, "403: ", 1), (method, path, headers, text)
    assert ui.graphql(RUNS) == {"runsOrError": {"results": []}}


def test_a_run_that_names_a_home_is_refused(ui: UI, tmp_path: Path) -> None:
    config = f"resources: {{run: {{config: {{home: {tmp_path / 'theirs'}}}}}}}"
    answer = ui.graphql(LAUNCH % config)["launchRun"]
    assert answer["__typename"] == "RunConfigValidationInvalid", answer
    assert 'unexpected config entry "home"' in answer["errors"][0]["message"]
    assert not (tmp_path / "theirs").exists()


def test_it_listens_on_this_machine_alone_and_ends_within_seconds(ui: UI) -> None:
    """The last test of this file: the UI ends with it."""
    below = descendants(ui.process.pid)
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in below if alive(pid)]
    for one in ("assets.webserver", "dagster._daemon", "code-server"):
        assert any(one in command for command in commands), one
    addresses = {
        line.split()[1].split(":")[0]
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{ui.port:04X}") and line.split()[3] == "0A"
    }
    assert addresses == {"0100007F"}
    begun = time.monotonic()
    os.kill(ui.process.pid, signal.SIGTERM)
    out, _ = ui.process.communicate(timeout=30)
    assert time.monotonic() - begun < 20
    assert ui.process.returncode == 0
    assert not [pid for pid in below if alive(pid)]
    assert f"Dagster UI on {ui.address}" in out
    assert "schedule and inbox sensor are off" in out
