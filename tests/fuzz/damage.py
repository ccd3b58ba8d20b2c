"""Damage to the bytes of a written file, and what is known of it after that.

Not here: what a sender may get wrong with sound software (cells, structure).
"""

import io
import zipfile
from collections.abc import Callable
from random import Random

from tests.fuzz.files import Written

_PAGES = (
    b"<!DOCTYPE html><html><body>403</body></html>", b"\n <HTML>\n<p>error</p>", b"<?xml version='1.0'?><Error/>",
    b'{"error": "forbidden"}', b"", b" \n\n", b"\x00" * 300, b"\xef\xbb\xbf", b"\xff\xfe", b"PK\x03\x04", b"PAR1",
    b"DUCK", b"\x1f\x8b\x08\x00", b"%PDF-1.7", b"\x80\x04\x95x", b"SQLite format 3\x00",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
)  # fmt: skip


def _open_at(written: Written, offset: int) -> None:
    """Nothing is known of the line that holds this byte and of those below it."""
    line = next((line for line, end in written.ends if end > offset), None)
    if line is None and written.ends:
        line = written.ends[-1][0] + 1
    at_header = not written.ends or line == written.ends[0][0]
    written.open_from = 1 if line is None or at_header else line


def _flip(data: bytes, written: Written, random: Random) -> bytes:
    changed = bytearray(data)
    places = sorted(random.randrange(len(data)) for _ in range(random.choice((1, 1, 3, 20))))
    for at in places:
        changed[at] ^= 1 << random.randrange(8)
    _open_at(written, places[0])
    return bytes(changed)


def _cut(data: bytes, written: Written, random: Random) -> bytes:
    """A download that broke off."""
    at = random.randrange(len(data))
    _open_at(written, at)
    return data[:at]


def _drop_middle(data: bytes, written: Written, random: Random) -> bytes:
    at = random.randrange(len(data))
    _open_at(written, at)
    return data[:at] + data[at + random.randint(1, 40) :]


def _insert(data: bytes, written: Written, random: Random) -> bytes:
    at = random.randrange(len(data))
    _open_at(written, at)
    what = (
        b"\x00",
        b"\x00" * 50,
        b'"',
        b"\n",
        b"\r",
        b"\x1a",
        b"\xff",
        b"\xed\xa0\x80",
        b"<html>",
        b",,,,",
        b"\xf4\x90\x80\x80",
    )
    return data[:at] + random.choice(what) + data[at:]


def _twice(data: bytes, written: Written, random: Random) -> bytes:
    """The file behind itself, as a careless append makes it."""
    _open_at(written, len(data))
    return data + data


def _page(data: bytes, written: Written, random: Random) -> bytes:
    written.hopeless, written.open_from = "no table at all", 1
    return random.choice(_PAGES)


def _noise(data: bytes, written: Written, random: Random) -> bytes:
    written.open_from = 1
    return data[: random.choice((0, 4, 100))] + random.randbytes(random.choice((1, 50, 2000)))


def _encoded(data: bytes, written: Written, random: Random) -> bytes:
    """Another encoding of the same text; only UTF-8 and marked UTF-16 say what they are."""
    if written.hopeless:  # half letters become question marks here
        written.hopeless, written.open_from = "", 1
    text = data.decode("utf-8", "replace")
    encoding = random.choice(("utf-8-sig", "utf-16", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"))
    if encoding not in ("utf-8-sig", "utf-16") and not (text.isascii() and encoding in ("latin-1", "cp1252")):
        written.open_from = 1
    return text.encode(encoding, "replace")


def _inside_archive(data: bytes, written: Written, random: Random) -> bytes:
    """One member of a workbook or zip changed, the archive sound around it."""
    written.open_from = 1
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data[::-1]
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        chosen = random.choice([m for m in source.namelist() if "theme" not in m and "docProps" not in m])
        for member in source.namelist():
            content = source.read(member)
            if member == chosen and content:
                changes = (
                    _flip,
                    _cut,
                    _drop_middle,
                    _insert,
                    lambda d, w, r: b"",
                    lambda d, w, r: d.replace(b"1", b"9" * 30),
                )
                content = random.choice(changes)(content, written, random)
                written.open_from = 1
            target.writestr(member, content)
    return out.getvalue()


Damage = Callable[[bytes, Written, Random], bytes]
DAMAGES: dict[str, Damage] = {
    "flip": _flip, "cut": _cut, "drop_middle": _drop_middle, "insert": _insert, "twice": _twice, "page": _page,
    "noise": _noise, "encoded": _encoded, "inside_archive": _inside_archive,
}  # fmt: skip


def damage(written: Written, how: str, random: Random) -> None:
    """Change the bytes of a written file, and what is known of it."""
    data = written.path.read_bytes()
    changed = DAMAGES[how](data, written, random)
    if not written.exact and changed != data and not written.hopeless:
        written.open_from = 1  # archives and columnar files: any byte may be every row
    written.path.write_bytes(changed)
