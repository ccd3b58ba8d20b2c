"""Which source a file belongs to, and which source leads, whatever arrived first."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import METHODS
from pipeline.declare.settings import Home
from pipeline.declare.sources import family
from pipeline.ingest import inbox
from pipeline.sources import BY_KEY, own_key
from pipeline.storage import deliveries
from pipeline.storage.history import Delivery
from pipeline.storage.lead_source import leading_source, marked_primary

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
FAMILY = "canonical_clashes"


def file(folder: Path, name: str, sidecar: str = "", kind: Kind = Kind.CLASHES, day: int = 4) -> tuple[Kind, Path]:
    """A file of events, another one on another day."""
    path = folder / "in" / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"event_id,event_date,event_type,adm3_pcode\ne1,2022-03-{day:02d},clash,MMR001001\n")
    path.with_name(name + ".toml").write_text(sidecar)
    return kind, path


def delivery(folder: Path, name: str, sidecar: str, source_format: str = FAMILY) -> Delivery:
    made = inbox.judge([file(folder, name, sidecar)], NOW)[0].delivery
    return made if source_format == FAMILY else Delivery(**{**vars(made), "source_key": source_format})


@pytest.mark.parametrize(
    ("stated", "key"),
    [
        ("Our monitors", f"{FAMILY}:our-monitors"),
        ("  OUR  monitors ", f"{FAMILY}:our-monitors"),
        ("our-monitors", f"{FAMILY}:our-monitors"),
        ("", FAMILY),
        ("  ", FAMILY),
        (BY_KEY[FAMILY].title, FAMILY),
    ],
)
def test_a_stated_source_is_a_source_of_its_own(stated: str, key: str) -> None:
    assert own_key(FAMILY, stated) == key
    assert family(key) == FAMILY


def test_other_families_are_one_source_whatever_is_stated() -> None:
    assert own_key("ucdp_ged", "UCDP GED") == "ucdp_ged"
    assert own_key(f"{FAMILY}:a", "b") == f"{FAMILY}:a"


def test_names_that_a_slug_cannot_hold_stay_apart() -> None:
    names = ["ကချင်အဖွဲ့", "ကရင်အဖွဲ့", "Team +", "Team", "Tëam", "x" * 41, "x" * 42, "!", "?", "မွန် monitors"]
    keys = [own_key(FAMILY, name) for name in names]
    assert len(set(keys)) == len(names)
    assert all(key.isascii() and key.count(":") == 1 and not key.endswith(":") for key in keys)
    # The key is kept in releases and landings: it must never change.
    assert own_key(FAMILY, "ကချင်အဖွဲ့") == own_key(FAMILY, "ကချင်\u200bအဖွဲ့ ") == "canonical_clashes:89ceeb6b"


@given(st.text(max_size=60))
def test_any_name_gives_a_plain_key(name: str) -> None:
    key = own_key(FAMILY, name)
    assert key == own_key(FAMILY, name)
    assert key.isascii() and " " not in key and len(key) < 80
    assert own_key(key, name) == key


def test_thresholds_are_those_of_the_family() -> None:
    for method in METHODS.values():
        assert method.thresholds(f"{FAMILY}:our-monitors") == method.thresholds(FAMILY)


def test_most_clashes_lead_in_the_family_whatever_came_first(tmp_path: Path) -> None:
    known = [delivery(tmp_path, f"{n}.csv", f'source = "{n}"') for n in ("North", "South", "West")]
    known.append(delivery(tmp_path, "u.csv", "", "ucdp_ged"))
    counts = {f"{FAMILY}:north": 5, f"{FAMILY}:south": 7, f"{FAMILY}:west": 7, "ucdp_ged": 900}
    leads = {leading_source(order, counts) for order in permutations(known)}
    (lead,) = leads
    assert lead.source_key == f"{FAMILY}:south", "ties go by name"
    assert [other.source_key for other in lead.rivals] == [f"{FAMILY}:west", f"{FAMILY}:north"]
    assert lead.sentence == (
        "Primary clash source: South (canonical_clashes:south), 7 clashes. Compared, not added: "
        "Clash records in this project's own columns (ucdp_ged), 900 clashes; West (canonical_clashes:west), 7 "
        "clashes; North (canonical_clashes:north), 5 clashes"
    )
    assert not lead.marked


def test_the_source_marked_primary_leads(tmp_path: Path) -> None:
    marked = delivery(tmp_path, "a.csv", 'source = "North"\nprimary = true')
    other = delivery(tmp_path, "b.csv", 'source = "South"')
    lead = leading_source([other, marked], {f"{FAMILY}:south": 7})
    assert (lead.source_key, lead.marked) == (f"{FAMILY}:north", True)
    ucdp = Delivery(**{**vars(marked), "source_key": "ucdp_ged"})
    assert leading_source([other, ucdp], {}).source_key == "ucdp_ged", "what is said outranks the declared order"


def test_a_list_of_deletions_is_no_source_and_nothing_leads_nothing(tmp_path: Path) -> None:
    deleted = Delivery(**{**vars(delivery(tmp_path, "a.csv", "", "acled")), "format": "acled_deleted"})
    ucdp = delivery(tmp_path, "u.csv", "", "ucdp_ged")
    assert leading_source([deleted, ucdp], {}).source_key == "ucdp_ged"
    assert leading_source([], {}).source_key == ""
    assert leading_source([], {}).sentence == "No source of clashes was delivered"


def test_two_sources_marked_primary_are_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    north = file(tmp_path, "north.csv", 'source = "North"\nprimary = true')
    south = file(tmp_path, "south.csv", 'source = "South"\nprimary = true', day=5)
    with pytest.raises(UnusableInput, match=r"'North' \(north\.csv\) and 'South' \(south\.csv\); only one"):
        inbox.deliver(home, [north, south], NOW)
    assert deliveries.in_force(home) == []
    inbox.deliver(home, [north], NOW)
    with pytest.raises(UnusableInput, match="2 sources of clashes are marked"):
        inbox.deliver(home, [south], NOW)
    later = NOW + timedelta(hours=1)
    # The first file again, no longer marked, makes room for the second.
    landings = inbox.deliver(home, [file(tmp_path, "north.csv", 'source = "North"'), south], later)
    assert [landing.is_new for landing in landings] == [True, True]
    assert marked_primary(deliveries.in_force(home)) == f"{FAMILY}:south"


def test_two_files_of_one_source_may_both_be_marked(tmp_path: Path) -> None:
    files = [file(tmp_path, f"{d}.csv", 'source = "North"\nprimary = true', day=d) for d in (1, 2)]
    inbox.deliver(Home(tmp_path / "home"), files, NOW)
    assert marked_primary(deliveries.in_force(Home(tmp_path / "home"))) == f"{FAMILY}:north"


def test_primary_is_refused_where_it_means_nothing(tmp_path: Path) -> None:
    path = tmp_path / "in" / "control" / "c.csv"
    path.parent.mkdir(parents=True)
    path.write_text("reference_date,adm3_pcode,controller\n2022-03-04,MMR001001,state\n")
    path.with_name("c.csv.toml").write_text("primary = true")
    with pytest.raises(UnusableInput, match=r"c\.csv: primary = true .* nothing for control"):
        inbox.judge([(Kind.CONTROL, path)], NOW)


def test_landings_of_before_the_split_load_and_get_the_key_of_today(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    files = [file(tmp_path, "a.csv", 'source = "North"'), file(tmp_path, "b.csv", day=5)]
    landed = [landing.delivery for landing in inbox.deliver(home, files, NOW)]
    for path in home.deliveries.glob("clashes/*.json"):
        stated = json.loads(path.read_text())
        del stated["primary"]
        path.write_text(json.dumps({**stated, "source_key": FAMILY}))
    assert deliveries.in_force(home) == landed
    assert [d.source_key for d in landed] == [f"{FAMILY}:north", FAMILY]
    # Its team's next file replaces its events: both are one source.
    assert not inbox.deliver(home, files, NOW)[0].is_new
