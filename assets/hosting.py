"""What lies beside the releases so that any static host serves them: first page, list, feed, an address a month.

Made again after each run, publication and withdrawal from the manifests of the releases that stand or were withdrawn,
of public ones alone: internal releases are not to be hosted.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from assets import worker
from pipeline.declare import settings
from pipeline.declare.codes import Profile
from pipeline.declare.settings import Home
from pipeline.storage import latest, withdrawals
from reports.files.api import NATION
from reports.files.feed import Issue, issue


def publish_list(place: Home, without: Collection[str] = ()) -> None:
    """Write index.html, releases.json and feed.xml of `published/`, and let each month name its release.

    `without` are releases that are about to go.
    """
    if place.profile == Profile.INTERNAL:
        return
    found = [one for one in latest.standing(place)[0] if one.release_id not in without]
    named = latest.pointed(place)
    months = latest.by_month(found, named)
    latest.point_months(place, months)
    issues = _issues(place, [one.release_id for one in found])
    address = settings.base_address()
    newest = named.release_id if named else ""
    if worker.is_started():
        worker.shared().begin(worker.write_list, issues, newest, months, address, place.releases)()
    else:  # a list alone is not worth a second process
        worker.write_list(issues, newest, months, address, place.releases)


def _issues(place: Home, good: list[str]) -> list[Issue]:
    """The releases that are good and those that were withdrawn, the newest edition first."""
    manifests = [{**latest.read_manifest(place.releases / name), "release_id": name} for name in good]
    manifests += withdrawals.published(place)
    ordered = sorted(manifests, key=lambda one: latest.stated(one, one["release_id"]), reverse=True)
    return [_issue(place.releases / one["release_id"], one) for one in ordered]


def _issue(folder: Path, manifest: Mapping[str, Any]) -> Issue:
    """The release of a folder; one of before there was api/ has no figures."""
    try:
        month = json.loads((folder / NATION).read_text(encoding="utf-8"))["months"][-1]
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        month = None
    return issue(manifest, month)
