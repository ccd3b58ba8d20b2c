"""A name beside the releases that leads to one of them: a link, or where the disk knows none a page that leads on.

`latest` is one, and each month is one (`2023-12`). Each is put in place in one rename.
"""

import errno
import shutil
from pathlib import Path

PAGE = "index.html"
# With these no file can be made either: there is nothing to fall back on.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_START = '<meta http-equiv="refresh" content="0; url=../'
# No script and no style: what it allows is nothing.
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'">
<meta http-equiv="refresh" content="0; url=../{release}/index.html">
<title>Release {release}</title>
<p><a href="../{release}/index.html">Release {release}</a></p>
</html>
"""


def link(path: Path, release: str, scratch: Path) -> None:
    """Let `path` lead to the release beside it, by way of `scratch`. Raises OSError where the disk knows no links."""
    scratch.unlink(missing_ok=True)
    try:
        scratch.symlink_to(release, target_is_directory=True)
    except NotImplementedError as error:
        raise OSError(errno.ENOSYS, str(error), str(path)) from error
    if path.is_dir() and not path.is_symlink():  # a page, of a disk that knew no links
        remove(path)
    scratch.replace(path)


def page(path: Path, release: str, scratch: Path) -> None:
    """The same as a folder with a page that leads on."""
    if path.is_symlink():
        path.unlink()
    text = _PAGE.format(release=release)
    if path.is_dir():
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(path / PAGE)
        return
    scratch.mkdir()
    (scratch / PAGE).write_text(text, encoding="utf-8")
    scratch.rename(path)


def is_one(path: Path) -> bool:
    """Whether it is a link, or a folder that holds such a page and nothing else."""
    if path.is_symlink():
        return True
    if not path.is_dir() or [one.name for one in path.iterdir()] != [PAGE]:
        return False
    return _START in (path / PAGE).read_text(encoding="utf-8", errors="replace")


def remove(path: Path) -> None:
    """Take a link or such a page away; anything else stays."""
    if path.is_symlink():
        path.unlink()
    elif is_one(path):
        shutil.rmtree(path)
