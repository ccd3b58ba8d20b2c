"""Zip deliveries: every data file a delivery of its own, everything else judged before a byte is taken out."""

import io
import stat
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.ingest import archive, inbox
from pipeline.storage.deliveries import Judged

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
HEADER = "event_id,event_date,event_type,adm3_pcode\n"
EVENTS = HEADER + "e1,2022-03-04,clash,MMR001001\n"
MORE = HEADER + "e2,2022-03-05,clash,MMR001002\ne3,2022-03-05,clash,MMR001002\n"


@pytest.fixture(autouse=True)
def unpacking_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Temporary folders stand in a place of their own; at the end of every test it must be empty."""
    place = tmp_path / "unpacking"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def pack(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def judge(path: Path, kind: Kind = Kind.CLASHES) -> list[Judged]:
    judged = inbox.judge([(kind, path)], NOW)
    assert list((path.parent / "unpacking").iterdir()) == []
    return judged


def refused(path: Path, *words: str, kind: Kind = Kind.CLASHES) -> str:
    with pytest.raises(UnusableInput) as caught:
        inbox.judge([(kind, path)], NOW)
    message = str(caught.value)
    assert [word for word in (path.name, *words) if word not in message] == [], message
    assert str(path.parent) not in message, "the temporary folder means nothing to the sender"
    assert list((path.parent / "unpacking").iterdir()) == [], "unpacked files stay behind"
    return message


def test_every_data_file_is_a_delivery_of_its_own(tmp_path: Path) -> None:
    path = pack(tmp_path / "week.zip", {"a.csv": EVENTS, "sub/b.csv": MORE, "README.txt": "read me", "notes.md": "x",
                                        "__MACOSX/._a.csv": "junk", ".DS_Store": "junk", "code.pdf": "x", "n.txt": "y",
                                        "d/Thumbs.db": "junk", "~$a.csv": "junk", "sub/": ""})  # fmt: skip
    first, second = (one.delivery for one in judge(path))
    assert [first.file_name, second.file_name] == ["week.zip/a.csv", "week.zip/sub/b.csv"]
    assert (first.rows_count, second.rows_count) == (1, 2)
    assert first.received_at < second.received_at
    assert "not read: code.pdf, n.txt" in first.notes[0]


def test_a_member_is_the_same_delivery_as_the_file_without_its_archive(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(EVENTS)
    packed = judge(pack(tmp_path / "a.zip", {"a.csv": EVENTS}))[0]
    loose = inbox.judge([(Kind.CLASHES, tmp_path / "a.csv")], NOW)[0]
    assert (packed.delivery.delivery_id, packed.delivery.sha256) == (loose.delivery.delivery_id, loose.delivery.sha256)
    assert packed.frame.equals(loose.frame)


def test_files_behind_an_archive_come_after_all_of_its_members(tmp_path: Path) -> None:
    (tmp_path / "z.csv").write_text(MORE)
    files = [(Kind.CLASHES, pack(tmp_path / "a.zip", {"a.csv": EVENTS, "b.csv": MORE})),
             (Kind.CLASHES, tmp_path / "z.csv")]  # fmt: skip
    times = [one.delivery.received_at for one in inbox.judge(files, NOW)]
    assert times == sorted(set(times))


def test_workbooks_json_and_parquet_in_an_archive(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    frame = pl.DataFrame({"event_id": ["p1"], "event_date": ["2022-03-04"], "event_type": ["clash"],
                          "adm3_pcode": ["MMR001001"]})  # fmt: skip
    frame.write_parquet(buffer)
    book = io.BytesIO()
    frame.write_excel(book)
    members = {"a.json": frame.write_json(), "b.parquet": buffer.getvalue(), "c.xlsx": book.getvalue()}
    judged = judge(pack(tmp_path / "a.zip", members))
    assert [one.frame.item(0, "event_id") for one in judged] == ["p1"] * 3


def test_a_sidecar_in_the_archive_or_beside_it(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.csv": EVENTS, "a.csv.toml": 'source = "Inner"', "b.csv": MORE})
    (tmp_path / "a.zip.toml").write_text('source = "Outer"\nlicence = "CC0"\n')
    assert [one.delivery.source for one in judge(path)] == ["Inner", "Outer"]
    assert [one.delivery.licence for one in judge(path)] == ["not stated", "CC0"]


def test_faults_name_archive_member_and_the_right_sidecar(tmp_path: Path) -> None:
    members = {"sub/a.csv": EVENTS.replace("event_date", "day")}
    message = refused(pack(tmp_path / "a.zip", members), "a.zip/sub/a.csv, line 1: ", "event_date")
    assert message.count("a.csv") == 1
    (tmp_path / "a.zip.toml").write_text('[columns]\nevent_date = "Tag"\n')
    refused(tmp_path / "a.zip", "a.zip.toml", "'Tag'")
    (tmp_path / "a.zip.toml").unlink()
    own = pack(tmp_path / "b.zip", {**members, "sub/a.csv.toml": '[columns]\nevent_date = "Tag"\n'})
    refused(own, "a.csv.toml", "'Tag'")
    refused(pack(tmp_path / "c.zip", {"a.csv": EVENTS, "b.csv.toml": ""}), "a sidecar of no file")


@pytest.mark.parametrize("name", ["../a.csv", "x/../../a.csv", "/etc/a.csv", "\\\\server\\a.csv", "C:\\a.csv",
                                  "..\\a.csv", "a\n.csv"])  # fmt: skip
def test_a_path_that_leaves_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    refused(pack(tmp_path / "a.zip", {"ok.csv": EVENTS, name: EVENTS}), "the archive holds the path")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    member = zipfile.ZipInfo("events.csv")
    member.create_system, member.external_attr = 3, (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(member, "/etc/passwd")
    refused(tmp_path / "a.zip", "'events.csv'", "link or device")


def test_encrypted_nested_doubled_and_too_many_members_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "locked.zip", {"a.csv": EVENTS})
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1
    path.write_bytes(content)
    refused(path, "'a.csv'", "encrypted", "password")
    for ending in ("zip", "7z", "tar.gz"):
        refused(pack(tmp_path / "nest.zip", {"a.csv": EVENTS, f"b.{ending}": b"PK"}), f"'b.{ending}'", "archive of its")
    with pytest.warns(UserWarning), zipfile.ZipFile(tmp_path / "twice.zip", "w") as made:
        made.writestr("a.csv", EVENTS)
        made.writestr("a.csv", MORE)
    refused(tmp_path / "twice.zip", "'a.csv' twice")
    refused(pack(tmp_path / "many.zip", {f"{n}.csv": EVENTS for n in range(101)}), "101 members", "100")
    refused(pack(tmp_path / "both.zip", {"a": "file", "a/b.csv": EVENTS}), "each other's place")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = pack(tmp_path / "bomb.zip", {"a.csv": b"0" * 5_000_000})
    large = pack(tmp_path / "large.zip", {"a.csv": EVENTS})
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # nothing may be taken out
    refused(bomb, "5,000,000", "zip bomb")
    monkeypatch.setattr(archive, "SIZE_LIMIT_BYTES", 10)
    refused(large, "zip bomb")


def test_a_member_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "liar.zip", {"a.csv": EVENTS * 50})
    size = len(EVENTS * 50).to_bytes(4, "little")
    content = path.read_bytes()
    assert content.count(size) >= 2
    path.write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    refused(path, "damaged")
    path.write_bytes(content[:-30])
    refused(path, "not a readable zip archive")
    path.write_bytes(EVENTS.encode())
    refused(path, "not a readable zip archive")
    path.write_bytes(b"")
    refused(path, "empty")


def test_an_archive_with_nothing_of_its_kind_is_refused(tmp_path: Path) -> None:
    refused(pack(tmp_path / "a.zip", {"README.md": "x", "map.pdf": "x"}), "no clashes file", "'README.md'", "'map.pdf'")
    refused(pack(tmp_path / "b.zip", {}), "it holds nothing")
    refused(pack(tmp_path / "c.zip", {"a.csv": EVENTS}), "no boundaries file", kind=Kind.BOUNDARIES)


def test_a_text_file_alone_is_a_table(tmp_path: Path) -> None:
    assert judge(pack(tmp_path / "a.zip", {"a.txt": EVENTS.replace(",", "\t")}))[0].delivery.rows_count == 1


def test_the_folder_goes_when_reading_fails_in_any_way(tmp_path: Path, unpacking_folder: Path) -> None:
    path = pack(tmp_path / "a.zip", {"a.csv": EVENTS})

    def fail() -> None:
        with archive.unpacked(path, Kind.CLASHES, {".csv"}) as (members, _):
            assert members[0].path.read_text() == EVENTS
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(unpacking_folder.iterdir()) == []


def test_a_workbook_and_a_zip_under_other_names_are_kept_apart(tmp_path: Path) -> None:
    pack(tmp_path / "a.csv", {"a.csv": EVENTS})
    refused(tmp_path / "a.csv", "a zip archive", "own ending")
    pack(tmp_path / "b.xlsx", {"a.csv": EVENTS})
    refused(tmp_path / "b.xlsx", "cannot be read")


def test_archives_of_a_folder_are_found(tmp_path: Path) -> None:
    (tmp_path / "in" / "clashes").mkdir(parents=True)
    pack(tmp_path / "in" / "clashes" / "a.zip", {"a.csv": EVENTS})
    (tmp_path / "in" / "clashes" / "a.zip.toml").write_text("")
    assert [path.name for _, path in inbox.find_files(tmp_path / "in")] == ["a.zip"]


def test_the_township_layer_of_an_archive_of_all_levels(tmp_path: Path) -> None:
    layer = {"x_adm3.shp": "", "x_adm3.dbf": "", "x_adm3.shp.xml": ""}
    path = pack(tmp_path / "cod.zip", {**layer, "x_adm1.shp": "", "x_adm1.dbf": "", "x.lyr": ""})
    with archive.unpacked(path, Kind.BOUNDARIES, {".shp"}) as (members, said):
        assert [member.name for member in members] == ["x_adm3.shp"]
        assert members[0].path.with_suffix(".dbf").exists()
    assert "of 2 layers read x_adm3.shp" in said[0]
    assert "x_adm1.shp" in said[1]
    with archive.unpacked(pack(tmp_path / "b.zip", {"a.shp": "", "b.shp": ""}), Kind.BOUNDARIES, {".shp"}) as (both, _):
        assert len(both) == 2  # nothing says which; each is read, and refused with its reason if it does not fit
