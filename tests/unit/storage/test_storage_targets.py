"""Who is told: a faulty notify.toml is named with line and remedy, and no address is ever shown."""

from pathlib import Path

import pytest

from pipeline.declare.errors import UnusableInput
from pipeline.declare.notifications import NotificationKind
from pipeline.declare.settings import NOTIFY_VARIABLE, Home
from pipeline.storage.targets import Target, is_set, read_targets, shown

SECRET = "sesame"  # noqa: S105 (no secret: what must not be shown)
GOOD = f"""# who is told
[[targets]]
url = "mailto://team:{SECRET}@example.org?to=a@example.org"

[[targets]]
url = "slack://{SECRET}A/{SECRET}B/{SECRET}C"
kinds = ["run_failed", "check_blocked"]
"""


def test_targets_of_the_file_then_of_the_environment_each_address_once(tmp_path: Path):
    place = Home(tmp_path)
    assert not is_set(place, {})
    assert read_targets(place, {}) == ()
    place.notify_file.write_text(GOOD)
    both = "json://127.0.0.1:1/x\nmailto://team:renewed@example.org?to=a@example.org"
    found = read_targets(place, {NOTIFY_VARIABLE: both})
    assert [str(one) for one in found] == [
        "target 1 (mailto://example.org)", "target 2 (slack://…)", "TOWNSHIP_INDEX_NOTIFY target 1 (json://127.0.0.1:1)",
    ]  # fmt: skip
    assert found[0].kinds == tuple(NotificationKind)
    assert found[1].kinds == (NotificationKind.RUN_FAILED, NotificationKind.CHECK_BLOCKED)
    assert is_set(place, {})
    assert is_set(Home(tmp_path / "none"), {NOTIFY_VARIABLE: both})


def test_no_way_of_writing_a_target_shows_its_secret(tmp_path: Path):
    place = Home(tmp_path)
    place.notify_file.write_text(GOOD)
    for one in read_targets(place, {}):
        assert SECRET not in f"{one} {one!r} {one.identity}"
    assert shown(f"discord://{SECRET}/{SECRET}") == "discord://…"
    assert shown(f"mailtos://u:{SECRET}@mail.example.org:587/?pass={SECRET}") == "mailtos://mail.example.org:587"


def test_a_renewed_password_is_the_same_target_and_another_address_is_not():
    one, renewed = (Target("t", f"mailto://u:{word}@example.org?to=a@b.c&pass={word}") for word in ("old", "new"))
    other = Target("t", "mailto://u:old@example.org?to=other@b.c")
    assert one.identity == renewed.identity != other.identity


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[targets]]\nurl = "a', 2, "not valid TOML"),
        ('x = 1\n[[targets]]\nurl = "json://h/x"', 1, "'x' is not read; each target begins with [[targets]]"),
        ('\n[targets]\nurl = "json://h/x"', 2, "begin each target with [[targets]]"),
        ('[[targets]]\nurl = "json://h/x"\n\n[[targets]]\nurls = "json://h/sesame"', 5, "did you mean 'url'?"),
        ('[[targets]]\nkinds = ["alert"]', 1, "target 1 has no url"),
        ('[[targets]]\nurl = "sesame.example.org"', 2, "is no address"),
        ('[[targets]]\nurl = "json://h/x"\nkinds = ["alarm"]', 3, "'alarm' is no kind"),
        ('[[targets]]\nurl = "json://h/x"\nkinds = "alert"', 3, "is no list of words"),
        ('[[targets]]\nurl = "json://h/x"\nkinds = []', 3, "choose from run_failed"),
    ],
)
def test_a_faulty_file_is_named_with_line_and_remedy(text: str, line: int, words: str, tmp_path: Path):
    place = Home(tmp_path)
    place.notify_file.write_text(text)
    with pytest.raises(UnusableInput) as error:
        read_targets(place, {})
    said = str(error.value)
    assert said.startswith(str(place.notify_file))
    assert f"line {line}" in said
    assert words in said
    assert SECRET not in said


def test_an_address_of_the_environment_that_is_none_is_named_without_it(tmp_path: Path):
    with pytest.raises(UnusableInput, match="TOWNSHIP_INDEX_NOTIFY target 2 is no address") as error:
        read_targets(Home(tmp_path), {NOTIFY_VARIABLE: f"json://h/x {SECRET}"})
    assert SECRET not in str(error.value)
