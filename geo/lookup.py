"""Which township is meant by what a person types: a P-code, an English or Burmese name, or another spelling.

Without a state, so a name that two townships bear gives both. A reviewed spelling counts only where it is nobody's
listed name. Not here: placing a record, where a name counts only with its state (names).
"""

from difflib import get_close_matches
from functools import cache

import polars as pl

from geo import aliases
from geo.townships import name_key, normalise_pcode, reference

PCODE, NAME, OTHER = "pcode", "name", "other_spelling"
_LEAST_ALIKE = 0.6  # difflib's own measure; below it suggestions are of other words


@cache
def spellings() -> pl.DataFrame:
    """`spelling`, `spelling_key`, `adm3_pcode`, `spelling_kind`; sorted by spelling and township.

    A P-code's key is itself in lower case, a name's is `name_key`. Of a township no spelling stands twice.
    """
    listed = reference()
    codes = listed.select(spelling="adm3_pcode", spelling_key=pl.col("adm3_pcode").str.to_lowercase(),
                          adm3_pcode="adm3_pcode", spelling_kind=pl.lit(PCODE))  # fmt: skip
    names = pl.concat(_keyed(listed, column, NAME) for column in ("adm3_name", "adm3_name_my"))
    others = _keyed(aliases.table().filter(pl.col("reviewed") == "yes"), "alias", OTHER)
    others = others.join(names, on="spelling_key", how="anti")
    return (
        pl.concat([codes, names, others])
        .unique(["spelling", "adm3_pcode"], keep="first", maintain_order=True)
        .sort("spelling", "adm3_pcode")
    )


def _keyed(frame: pl.DataFrame, column: str, kind: str) -> pl.DataFrame:
    return frame.select(spelling=column, spelling_key=name_key(pl.col(column)), adm3_pcode="adm3_pcode",
                        spelling_kind=pl.lit(kind)).drop_nulls()  # fmt: skip


def found(text: str) -> tuple[str, ...]:
    """P-codes of the townships that `text` names, sorted; none where nobody bears it."""
    typed = pl.DataFrame({"text": [text]})
    code, key = typed.select(normalise_pcode(pl.col("text")).str.to_lowercase(), key=name_key(pl.col("text"))).row(0)
    rows = spellings().filter(pl.col("spelling_key").is_in([one for one in (code, key) if one]))
    return tuple(rows["adm3_pcode"].unique().sort().to_list())


def near(text: str, most: int = 3) -> tuple[str, ...]:
    """Up to `most` listed names like `text`, the likest first: a P-code's neighbours in spelling for a P-code."""
    listed = spellings().filter(pl.col("spelling_kind") != OTHER).unique("spelling_key", maintain_order=True)
    keys = dict(listed.select("spelling_key", "spelling").rows())
    key = pl.select(name_key(pl.lit(text))).item() or ""
    is_code = any(letter.isdigit() for letter in text) and text.strip().isascii()
    wanted = text.strip().lower() if is_code else key
    return tuple(keys[one] for one in get_close_matches(wanted, list(keys), most, _LEAST_ALIKE))
