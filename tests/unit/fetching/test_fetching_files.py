"""Boundaries and displacement updates: which resource is chosen, what is kept of a dump, options, progress."""

import gzip
import json
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from stand_in_server import Reply, StandIn, data

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.fetch import asked_for
from pipeline.fetching.session import Progress
from pipeline.ingest.sidecar import read_sidecar
from pipeline.ingest.table import read_table
from pipeline.sources import BY_NAME
from pipeline.sources.boundaries.fetch import choose
from pipeline.sources.idmc import fetch as idmc

PACKAGE, STORE = (
    "data.humdata.org/api/3/action/package_show",
    "s3.us-east-1.amazonaws.com/hdx-production-filestore/r/x.zip",
)
DOWNLOAD = "data.humdata.org/dataset/d/resource/r/download/mmr_admin_boundaries.shp.zip"
WFS = "geonode.themimu.info/geoserver/wfs"
DUMP = "helix-tools-api.idmcdb.org/external-api/idus/all/"
IDMC_STORE = "helix-copilot-prod-helix-media-external.s3.amazonaws.com/dump/idus_all.json"


def resource(file: str, form: str, **more: str) -> dict[str, str]:
    url = f"https://data.humdata.org/dataset/d/resource/r/download/{file}"
    return {"name": file, "format": form, "url": url, "last_modified": "2025-03-04T10:20:30.123456", **more}


def package(*resources: dict[str, str]) -> dict[str, Any]:
    return {"success": True, "result": {"resources": list(resources)}}


TODAY = package(
    resource("mmr_admin_boundaries.xlsx", "XLSX"), resource("mmr_admin_boundaries.geojson.zip", "GeoJSON"),
    resource("mmr_admin_boundaries.shp.zip", "SHP"), resource("mmr_edge_matched_admin_boundaries.shp.zip", "SHP"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        (TODAY, "mmr_admin_boundaries.shp.zip"),
        (package(resource("mmr_adm2.zip", "SHP"), resource("mmr_adm3_250k.zip", "SHP")), "mmr_adm3_250k.zip"),
        (package(resource("mmr_250k_mimu_ab_shp.zip", "SHP"), resource("adm3.geojson", "GeoJSON")), "adm3.geojson"),
    ],
    ids=["all levels", "older, one level each", "the level by name first"],
)  # fmt: skip
def test_the_resource_with_the_townships_is_chosen(answer: dict[str, Any], chosen: str) -> None:
    assert choose(answer)[0]["name"] == chosen


@pytest.mark.parametrize(
    "answer",
    [package(resource("population.csv", "CSV")), package(resource("adm3.zip", "SHP", url="http://x/adm3.zip")),
     {"success": False, "result": {"resources": [resource("adm3.zip", "SHP")]}}, {"success": True}, []],
)  # fmt: skip
def test_a_dataset_without_townships_says_what_to_do(answer: Any) -> None:
    with pytest.raises(UnusableInput, match=r"data\.humdata\.org/dataset/cod-ab-mmr"):
        choose(answer)


def test_cod_ab_is_left_as_it_came(fetch: Callable[..., list[Any]], server: StandIn, place: Home) -> None:
    server.on(PACKAGE, data(TODAY))
    server.on(DOWNLOAD, Reply(status=302, headers={"Location": f"https://{STORE}?Signature=abc"}))
    server.on(STORE, Reply(b"PK\x03\x04rest", kind="application/zip"))
    (arrival,) = fetch("cod-ab")
    assert arrival.path == place.inbox / "boundaries" / "cod_ab_mmr_2025-03-04.shp.zip"
    assert arrival.path.read_bytes() == b"PK\x03\x04rest"
    sidecar = arrival.path.with_name(arrival.path.name + ".toml").read_text()
    stated = tomllib.loads(sidecar)
    assert (stated["reference_date"], stated["licence"], stated["absence_means"]) == (
        date(2025, 3, 4),
        "CC BY-IGO",
        "unknown",
    )
    assert stated["url"].endswith("mmr_admin_boundaries.shp.zip")
    assert "Signature" not in sidecar
    assert read_sidecar(arrival.path).notes == (), "every key of the sidecar is known"
    assert fetch("cod-ab")[0].path is None
    assert len(server.asked(DOWNLOAD)) == 1, "the dataset says that nothing changed"


def test_mimu_is_asked_for_its_township_layer(fetch: Callable[..., list[Any]], server: StandIn) -> None:
    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"TS_PCODE": "MMR1"}}]}
    server.on(WFS, data(collection))
    (arrival,) = fetch("mimu")
    assert (arrival.path.name, arrival.rows) == ("mmr_polbnda_adm3_250k_mimu_1.geojson", 1)
    assert server.requests[0].query == {
        "service": "WFS", "version": "1.0.0", "request": "GetFeature", "outputFormat": "json", "srsName": "EPSG:4326",
        "typename": "geonode:mmr_polbnda_adm3_250k_mimu_1",
    }  # fmt: skip
    assert fetch("mimu")[0].path is None
    for body in (b'<?xml version="1.0"?><ServiceExceptionReport/>', b'{"type": "FeatureCollection", "features": []}'):
        server.on(WFS, Reply(body, kind="application/xml"))
        with pytest.raises(UnusableInput, match="no features"):
            fetch("mimu")


def update(number: int, **more: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(BY_NAME["idmc_idu"].columns, None), "id": number, "country": "Myanmar", "iso3": "MMR",
        "latitude": 21.0, "longitude": 96.0, "role": "Recommended figure", "displacement_type": "Conflict",
        "figure": 120, "displacement_date": "2023-05-06", "displacement_start_date": "2023-05-06",
        "displacement_end_date": "2023-05-08",
        "created_at": "2023-05-10T01:02:03Z", "locations_coordinates": [[21, 96]], **more,
    }  # fmt: skip


def test_idmc_keeps_the_rows_of_myanmar(
    fetch: Callable[..., list[Any]], server: StandIn, place: Home, keys: dict[str, str]
) -> None:
    rows = [update(20), update(3), update(4, iso3="THA"), update(5, displacement_end_date="2020-01-01")]
    server.on(DUMP, Reply(status=302, headers={"Location": f"https://{IDMC_STORE}"}))
    server.on(IDMC_STORE, Reply(gzip.compress(json.dumps(rows).encode()), headers={"Content-Encoding": "gzip"}))
    (arrival,) = fetch("idmc")
    assert server.asked(DUMP)[0].query["client_id"] == keys["IDMC_CLIENT_ID"]
    assert server.asked(IDMC_STORE)[0].query == {}
    table = read_table(arrival.path, Kind.DISPLACEMENT, read_sidecar(arrival.path))
    assert (table.format, table.frame["id"].to_list()) == ("idmc_idu", ["3", "20"])
    assert read_sidecar(arrival.path).revised_until == "2023-05-10T01:02:03Z"
    server.on(IDMC_STORE, data(rows[::-1]))
    assert fetch("idmc")[0].path is None, "the same rows in another order"
    server.on(IDMC_STORE, data([update(3, figure=130), *rows]))
    assert fetch("idmc")[0].rows == 3, "a figure that was revised in place"
    assert fetch("idmc", since="2024-01-01")[0].path is None


def test_a_dump_is_read_one_row_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, rows = tmp_path / "dump.json", [{"id": n, "name": 'တောင်ငူ ] } , \\ "'} for n in range(50)]
    for chunk in (7, 64, 1 << 20):
        monkeypatch.setattr(idmc, "_CHUNK", chunk)
        for indent in (None, 2):
            path.write_text(json.dumps(rows, indent=indent, ensure_ascii=indent is None), encoding="utf-8")
            assert list(idmc.rows_of(path)) == rows
    path.write_text("[]")
    assert list(idmc.rows_of(path)) == []
    for broken in ('[{"id": 1}', '{"detail": "no"}', "[1]", "", '[{"id": 1} garbage]'):
        path.write_text(broken)
        with pytest.raises(UnusableInput, match="no list of rows"):
            list(idmc.rows_of(path))


@pytest.mark.parametrize(
    ("source", "options", "words"),
    [("gdelt", {}, "not a source; give one of ucdp"), ("mimu", {"start": "2023-01-01"}, "--from says nothing"),
     ("acled", {"version": "26.1"}, "--version says nothing"), ("ucdp", {"version": "26"}, "none of UCDP's"),
     ("ucdp", {"start": "2023-02-30"}, "not a day"), ("ucdp", {"end": "2999-01-01"}, "future"),
     ("acled", {"start": "2023-02-01", "end": "2023-01-01"}, "before --from"), ("acled", {"since": "soon"}, "no time"),
     ("idmc", {"since": "1700000000"}, "not a day")],
)  # fmt: skip
def test_options_that_cannot_be_meant(source: str, options: dict[str, str], words: str) -> None:
    with pytest.raises(UnusableInput, match=words):
        asked_for(source, **options)


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("fetch x", terminal=False) as lines:
        lines.step("page 1", 1, 2)
    assert capsys.readouterr().out == "  page 1\n"
    with Progress("fetch x", terminal=True) as bar:
        bar.step("page 1", 1, 2)
    assert "  page 1\n" not in capsys.readouterr().out
    with Progress("fetch x", quiet=True, terminal=True) as quiet:
        quiet.step("page 1", 1, 2)
    assert capsys.readouterr().out == ""
