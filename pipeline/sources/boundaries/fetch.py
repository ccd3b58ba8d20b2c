"""Township boundaries: OCHA's COD-AB from HDX, and MIMU's own layer. No key is needed for either.

Which shapes are the 330 townships is decided when they are read (geo.boundaries), not here.
"""

import json
import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.fetching.download import Arrival, Pages, download, land, revised_until
from pipeline.fetching.http import with_query
from pipeline.fetching.session import Work
from pipeline.sources.boundaries.source import COD_AB, MIMU

PACKAGE = "https://data.humdata.org/api/3/action/package_show"
DATASET = "cod-ab-mmr"
WFS = "https://geonode.themimu.info/geoserver/wfs"
LAYER = "geonode:mmr_polbnda_adm3_250k_mimu_1"
# Shapefiles first: every edition had one. The ending tells the reader what it is.
FORMATS = (("shp", ".shp.zip"), ("geojson", ".geojson"), ("geopackage", ".gpkg"))
_LEVEL = re.compile(r"adm(in)?_?3|admin_?boundaries|_ab_|adm_?\d+k", re.IGNORECASE)
_OTHER = re.compile(r"edge|_em[_.]|\badm(in)?_?[0124]\b|lines|points|capital", re.IGNORECASE)


def cod_ab(work: Work) -> list[Arrival]:
    """The resource of the dataset that holds the townships."""
    with work.session(COD_AB) as session:
        work.progress.step("HDX: asking what cod-ab-mmr holds", 0)
        answer = session.json(PACKAGE, {"id": DATASET})
        resource, ending = choose(answer)
        url, changed = str(resource["url"]), str(resource.get("last_modified") or "")[:19] or None
        query = f"{DATASET}, {urlsplit(url).path.rsplit('/', 1)[-1]}"
        day = _day(changed)
        name = f"cod_ab_mmr{f'_{day}' if day else ''}{ending}"
        if changed and changed == revised_until(work.place, COD_AB, query):
            return [Arrival(name, None, None)]
        with Pages(work.place, f"cod-ab {url}") as kept:
            work.progress.step(f"HDX: downloading {query}", 1)
            got = download(session, url, kept.folder)
            if got is None:
                raise UnusableInput(f"{DATASET}: the server says that nothing changed, though nothing came before")
            # A resource without .zip in its address may still be one: the bytes decide, not the name.
            with got.path.open("rb") as handle:
                is_zip = handle.read(4) == b"PK\x03\x04"
            if is_zip != name.endswith(".zip"):
                name = f"{name}.zip" if is_zip else name.removesuffix(".zip")
            facts = work.facts(COD_AB, url=url, query=query, reference_date=day, revised_until=changed)
            return [Arrival(name, land(work.place, Kind.BOUNDARIES, name, got.path, facts), None)]


def choose(answer: Any) -> tuple[dict[str, Any], str]:
    """The resource with the townships and the ending of its file. Raises UnusableInput where none fits."""
    result = answer.get("result") if isinstance(answer, dict) and answer.get("success") is not False else None
    found = result.get("resources") if isinstance(result, dict) else None
    if not isinstance(found, list):
        raise UnusableInput(
            f"HDX: the answer about {DATASET} holds no resources; look at data.humdata.org/dataset/{DATASET}"
        )
    resources = [r for r in found if isinstance(r, dict) and str(r.get("url", "")).startswith("https://")]
    for level in (re.compile(r"adm(in)?_?3", re.IGNORECASE), _LEVEL):
        for word, ending in FORMATS:
            for one in resources:
                file = str(one["url"]).rsplit("/", 1)[-1]
                text = f"{one.get('name', '')} {file}"
                if word in str(one.get("format", "")).lower() and level.search(text) and not _OTHER.search(text):
                    return one, ending if ending.endswith(".zip") or not file.endswith(".zip") else f"{ending}.zip"
    names = ", ".join(str(r.get("name", ""))[:40] for r in resources[:8]) or "none"
    raise UnusableInput(
        f"HDX: no resource of {DATASET} looks like township shapes (found: {names}); download it by hand from "
        f"data.humdata.org/dataset/{DATASET} into inbox/boundaries/"
    )


def mimu(work: Work) -> list[Arrival]:
    """The township layer of MIMU's map server as GeoJSON; the server states no time of change."""
    params = {"service": "WFS", "version": "1.0.0", "request": "GetFeature", "typename": LAYER,
              "outputFormat": "json", "srsName": "EPSG:4326"}  # fmt: skip
    name = f"{LAYER.replace(':', '_').removeprefix('geonode_')}.geojson"
    with Pages(work.place, f"mimu {LAYER}") as kept, work.session(MIMU) as session:
        work.progress.step(f"MIMU: asking for {LAYER}", 0)
        got = download(session, WFS, kept.folder, params=params)
        if got is None:
            raise UnusableInput("MIMU: the server says that nothing changed, though nothing was fetched before")
        features = _features(got.path.read_bytes())
        facts = work.facts(MIMU, url=with_query(WFS, params), query=LAYER)
        return [Arrival(name, land(work.place, Kind.BOUNDARIES, name, got.path, facts), features)]


def _features(body: bytes) -> int:
    """How many features; GeoServer sends its errors as XML with status 200."""
    try:
        answer = json.loads(body)
        features = answer["features"] if answer["type"] == "FeatureCollection" else None
    except (ValueError, KeyError, TypeError, RecursionError):
        features = None
    if not isinstance(features, list) or not features:
        raise UnusableInput(
            f"MIMU's map server sent no features of {LAYER}: the layer was renamed or the server is out of order; "
            "fetch cod-ab instead, or download the layer by hand from geonode.themimu.info"
        )
    return len(features)


def _day(changed: str | None) -> date | None:
    try:
        return date.fromisoformat((changed or "")[:10])
    except ValueError:
        return None
