"""Keys: where they are read, and that none is ever shown or written, whatever goes wrong."""

import ipaddress
import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_in_server import CANARY, KEYS, Reply, StandIn, data, everything_written

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.fetching.http import check, check_public, shown
from pipeline.fetching.keys import HIDDEN, Keys, read_keys

CANARIES = (CANARY, CANARY.upper())


def test_the_environment_wins_then_the_home_then_the_repository(
    place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.fetching.keys.REPOSITORY", tmp_path)
    place.root.mkdir()
    (tmp_path / ".env").write_text("IDMC_CLIENT_ID=repository\nACLED_USERNAME=repository\nACLED_PASSWORD='a$HOME b'\n")
    (place.root / ".env").write_text("ACLED_USERNAME=home\nIDMC_CLIENT_ID=home\nOTHER=x\n")
    keys = read_keys(place, {"IDMC_CLIENT_ID": "environment", "ACLED_USERNAME": " "})
    found = [keys.get(name) for name in ("IDMC_CLIENT_ID", "ACLED_USERNAME", "ACLED_PASSWORD", "UCDP_ACCESS_TOKEN")]
    assert found == ["environment", "home", "a$HOME b", ""]
    assert "home" not in repr(keys)
    (place.root / ".env").write_bytes(b"\xff\xfe")
    with pytest.raises(UnusableInput, match="not UTF-8"):
        read_keys(place, {})


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x1100), min_size=6, max_size=30))
def test_no_form_of_a_key_is_left(key: str) -> None:
    keys = Keys({"IDMC_CLIENT_ID": key})
    for form in (key, quote(key), quote(key, safe=""), quote_plus(key), json.dumps(key)):
        assert key not in keys.redact(f"before {form} after")
        assert HIDDEN in keys.redact(f"before {form} after")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1%eth0"])
def test_a_name_of_a_private_machine_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with pytest.raises(UnusableInput, match="no public address"):
        check_public("data.example.org", lambda *_, **__: [(2, 1, 6, "", (address, 443))])
    check_public("data.example.org", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 443))])


def test_behind_a_proxy_names_are_looked_up_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def unresolved(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://proxy"})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: False)
    check_public("data.example.org", unresolved)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with pytest.raises(OSError):
        check_public("data.example.org", unresolved)


@given(st.ip_addresses().filter(lambda a: not a.is_global))
def test_no_address_in_figures_is_ever_asked(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    text = f"[{address}]" if address.version == 6 else str(address)
    with pytest.raises(UnusableInput):
        check(f"https://{text}/rows", ("data.example.org/",))


def test_an_address_is_shown_without_its_query() -> None:
    assert shown("https://data.example.org/a?client_id=secret") == "data.example.org/a"
    with pytest.raises(UnusableInput, match="cannot be read"):
        check("https://[::/x", ("data.example.org/",))


ENDPOINTS = {
    "ucdp": "ucdpapi.pcr.uu.se/api/gedevents/26.1",
    "acled": "acleddata.com/api/acled/read",
    "idmc": "helix-tools-api.idmcdb.org/external-api/idus/all/",
}
LOGIN = "acleddata.com/oauth/token"
FAULTS = {
    "refused": lambda echo: Reply(echo, 400),
    "wrong key": lambda echo: Reply(echo, 401),
    "no access": lambda echo: Reply(echo, 403),
    "not there": lambda echo: Reply(echo, 404),
    "busy": lambda echo: Reply(echo, 429, {"Retry-After": "0"}),
    "broken": lambda echo: Reply(echo, 500),
    "page": lambda echo: Reply(b"<html>" + echo, kind="text/html"),
    "no JSON": lambda echo: Reply(b"{" + echo),
    "not the documented form": lambda echo: data({"error": echo.decode()}),
    "cut": lambda echo: Reply(b"[1, 2, 3]", headers={"X-Seen": echo.decode()}, cut=5),
    "redirect": lambda echo: Reply(status=302, headers={"Location": f"https://evil.example.org/{echo.decode()}"}),
    "redirect within": lambda echo: Reply(status=302, headers={"Location": f"/external-api/x/{echo.decode()}"}),
    "no valid redirect": lambda echo: Reply(status=302, headers={"Location": f"https://[{echo.decode()}"}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("source", ENDPOINTS)
def test_no_key_is_shown_or_written(
    fetch: Callable[..., list[Any]], server: StandIn, place: Home, keys: dict[str, str], source: str, fault: str,
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """A server that fails and throws every key back at us."""
    caplog.set_level(logging.DEBUG)
    echo = " ".join(quote(key) for key in keys.values() if key).encode()
    server.on(LOGIN, data({"access_token": "canary-access", "refresh_token": "canary-refresh"}))
    server.on(ENDPOINTS[source], FAULTS[fault](echo))
    with pytest.raises(UnusableInput) as caught:
        fetch(source, **({"version": "26.1"} if source == "ucdp" else {}))
    shown_text = capfd.readouterr()
    error: BaseException | None = caught.value
    told = [shown_text.out, shown_text.err, caplog.text]
    while error is not None:
        told += [str(error), repr(error)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    written = everything_written(place).decode(errors="replace")
    assert [text for text in (*told, written) if any(word in text for word in CANARIES)] == []
    assert "\n" not in str(caught.value)


def test_a_login_that_fails_shows_no_password(
    fetch: Callable[..., list[Any]], server: StandIn, keys: dict[str, str]
) -> None:
    server.on(LOGIN, Reply(KEYS["ACLED_PASSWORD"].encode(), 400))
    with pytest.raises(UnusableInput, match="ACLED_USERNAME or ACLED_PASSWORD is wrong") as caught:
        fetch("acled")
    assert CANARY not in str(caught.value)
    assert server.asked(LOGIN)[0].form == {
        "username": keys["ACLED_USERNAME"], "password": keys["ACLED_PASSWORD"], "grant_type": "password",
        "client_id": "acled", "scope": "authenticated",
    }  # fmt: skip
