"""File names made from names of places, one rule for every page that links to another.

Not here: the pages themselves.
"""

import re


def region_slug(name: str) -> str:
    """The file name of a state or region without its ending: lower case, spaces to hyphens.

    Raises ValueError for a name that could leave the folder: pages are named after it.
    """
    slug = re.sub(r"\s+", "-", name.strip().lower())
    if not re.fullmatch(r"[a-z0-9_-]+", slug):
        raise ValueError(f"{name!r} cannot be the file name of a region's page; letters, digits, spaces and - only")
    return slug
