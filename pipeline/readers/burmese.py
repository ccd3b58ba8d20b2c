"""Zawgyi or Unicode: which encoding a file's Burmese is in, told from all of its names together.

Single names are never judged: short words are often the same in both. Nothing is converted: that needs ICU's
rules, which are not at hand, and a table made by hand would turn one township into another without a word.
"""

import polars as pl

# Columns of any format that hold names of places.
NAME_COLUMNS = ("adm3_name", "adm2_name", "adm1_name", "admin1", "admin2", "admin3", "location", "where_coordinates",
                "adm_1", "adm_2", "locations_name")  # fmt: skip
BURMESE = "[\u1000-\u109f]"
POOLED_NAMES = 2_000  # far more than the detector needs to be sure
ZAWGYI, UNICODE = 0.95, 0.05  # probabilities beyond which the detector's authors call it settled


def notes(frame: pl.DataFrame, name: str) -> tuple[str, ...]:
    """What to say of the encoding of a file's Burmese names; nothing where it is Unicode or holds none."""
    pooled = _pooled(frame)
    if not pooled:
        return ()
    from myanmartools import ZawgyiDetector  # type: ignore[import-untyped]

    probability = ZawgyiDetector().get_zawgyi_probability(pooled)
    if probability <= UNICODE:
        return ()
    if probability < ZAWGYI:
        return (
            f"{name}: whether its Burmese names are Zawgyi or Unicode cannot be told ({probability:.0%} Zawgyi); "
            "names that are not recognised stand in set_aside as unknown_name",
        )
    return (
        f"{name}: its Burmese is encoded in Zawgyi, not in Unicode. The text is kept as it is: names in Burmese will "
        "not be recognised and stand in set_aside as unknown_name, P-codes and English names work. Convert the file "
        "to Unicode (Google's myanmar-tools, or a keyboard application's converter) and deliver it again",
    )


def _pooled(frame: pl.DataFrame) -> str:
    held = []
    for column in NAME_COLUMNS:
        if column in frame.columns:
            names = frame[column].drop_nulls().unique(maintain_order=True)
            held += names.filter(names.str.contains(BURMESE)).head(POOLED_NAMES).to_list()
    return " ".join(held)
