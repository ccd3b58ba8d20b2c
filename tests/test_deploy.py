"""What deploy/ holds fits the code: settings that exist, no secret, one open door; units that systemd takes."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.declare import settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
GUIDE = (ROOT / "docs" / "guides" / "deployment.md").read_text(encoding="utf-8")
UNITS = sorted(path.name for path in DEPLOY.glob("*.service")) + sorted(path.name for path in DEPLOY.glob("*.timer"))


def test_only_the_proxy_listens() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"database", "index", "proxy"}
    assert {name for name, one in services.items() if "ports" in one} == {"proxy"}
    assert not [name for name, one in services.items() if one.get("network_mode") or one.get("privileged")]
    published = [one for one in services["proxy"]["volumes"] if "INDEX_HOME" in one]
    assert [one.rsplit("}", 1)[1] for one in published] == ["/published:/srv/published:ro"], "no other part of a home"


def test_no_secret_stands_in_a_file() -> None:
    for path in DEPLOY.iterdir():
        for line in path.read_text(encoding="utf-8").splitlines():
            plain = re.sub(r"\$?\{\$?[A-Z_]+(:\?[^}]*)?\}", "", line)  # what stands for a value is none
            assert not re.search(r"(?i)(password|secret|token|key)\w*\s*[:=]\s*\S", plain), (path.name, line)
            assert not re.search(r"://\w+:[^$@]+@", line), (path.name, line)


def test_each_setting_exists_and_is_in_the_guide() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DEPLOY.iterdir())
    known = {value for name, value in vars(settings).items() if name.endswith("_VARIABLE")}
    known.add("TOWNSHIP_INDEX_LOCK_WAIT_SECONDS")
    assert set(re.findall(r"TOWNSHIP_INDEX_[A-Z_]+", text)) <= known
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    assert {name for name in asked if f"`{name}`" not in GUIDE} == set()
    example = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "env.example").read_text(encoding="utf-8"), re.M))
    assert set(example) == asked
    assert [value for name, value in example.items() if "PASSWORD" in name] == ["", ""]
    given = set(COMPOSE["services"]["proxy"]["environment"])
    assert set(re.findall(r"\{\$([A-Z_]+)\}", (DEPLOY / "Caddyfile").read_text(encoding="utf-8"))) == given


def test_the_image_is_made_of_what_there_is() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in dockerfile
    kept = [line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [name for name in kept if not (ROOT / name).exists()] == []
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    packages = re.findall(r'"(\w+)"', project.split("packages = [")[1].split("]")[0])
    assert set(packages) < set(kept)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With the program, user and settings of this machine in the place of those of a server."""
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        text = text.replace("/opt/township-index/.venv/bin", str(Path(sys.executable).parent))
        text = text.replace("User=township-index", "User=root").replace("file:///opt/township-index", f"file://{ROOT}")
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in UNITS)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "township-index" in line]
    assert ours == [], done.stderr
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for calendar in re.findall(r"OnCalendar=(.*)", text):
            subprocess.run(["systemd-analyze", "calendar", calendar], check=True, capture_output=True)
