"""What the release asset shows in the UI: where it lies, what changed, how large it is, and counts that are plotted."""

import json
from pathlib import Path
from typing import Any

from dagster import MetadataValue

from pipeline.declare import settings
from reports.release_notes import release_notes


def release_metadata(final: Path) -> dict[str, Any]:
    """Metadata of a release that was put in place at `final`."""
    manifest = json.loads((final / "manifest.json").read_text(encoding="utf-8"))
    sizes = [one["bytes"] for one in manifest["outputs"].values()]
    address = settings.base_address()
    online = {"address": MetadataValue.url(f"{address}{final.name}/")} if address else {}
    return {
        "path": MetadataValue.path(str(final)),
        "report": MetadataValue.path(str(final / "report" / "index.html")),
        **online,
        "release_id": manifest["release_id"],
        "period_end": manifest["period_end"],
        "as_of": manifest["as_of"],
        "method": manifest["method"],
        "synthetic": manifest["synthetic"],
        "what_changed": MetadataValue.md(release_notes(final)),
        "rules_count": manifest["checks"]["rules"],
        "rules_failed_count": len(manifest["checks"]["warnings"]),
        "deliveries": len(manifest["inputs"]),
        "files": len(sizes),
        "bytes": sum(sizes),
    }
