"""Every asset, job, schedule and sensor as it was recorded: an edge that comes or goes is seen in the difference.

Renew the list on purpose: RENEW=1 .venv/bin/python -m pytest tests/unit/assets/test_definitions.py
"""

import os
from pathlib import Path

from pipeline.definitions import defs

RECORDED = Path(__file__).parent / "definitions.txt"


def described() -> list[str]:
    graph, repository = defs.resolve_asset_graph(), defs.get_repository_def()
    lines = []
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        lines.append(f"asset {key.to_user_string()} in {node.group_name}: {node.description or ''}".strip())
        if node.freshness_policy:
            lines.append(f"  fresh for {node.freshness_policy.fail_window.to_timedelta().days} days")
        lines += [f"  from {parent.to_user_string()}" for parent in sorted(node.parent_keys)]
        lines += [f"  check {check.name}" for check in sorted(node.check_keys)]
        lines.append(f"  kinds {', '.join(sorted(node.kinds))}; shows {', '.join(sorted(node.metadata)) or 'nothing'}")
    for job in sorted(repository.get_all_jobs(), key=lambda one: one.name):
        if not job.name.startswith("__"):
            chosen = sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
            lines += [f"job {job.name}", *(f"  makes {name}" for name in chosen)]
    for schedule in sorted(repository.schedule_defs, key=lambda one: one.name):
        lines.append(
            f"schedule {schedule.name} of {schedule.job_name}: {schedule.cron_schedule} "
            f"{schedule.execution_timezone}, {schedule.default_status.value}"
        )
    for sensor in sorted(repository.sensor_defs, key=lambda one: one.name):
        of = f" of {sensor.job_name}" if sensor.targets else ""
        lines.append(f"sensor {sensor.name}{of}: {sensor.default_status.value}")
    fields = repository.get_top_level_resources()["run"].config_schema.config_type.fields
    lines += [
        f"setting {name}, {fields[name].config_type.given_name}: {fields[name].description}" for name in sorted(fields)
    ]
    return lines


def test_the_definitions_are_the_recorded_ones():
    found = described()
    if os.environ.get("RENEW"):
        RECORDED.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == RECORDED.read_text(encoding="utf-8").splitlines()
