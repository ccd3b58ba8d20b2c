"""Learn spellings of townships: `python scripts/learn_aliases.py [--shared DIR] [--list CSV ...]`.

Writes data/reference/alias_evidence.csv (what each source says, as counts) and from it
data/reference/township_aliases.csv. A source that is not at hand keeps its evidence; a person's review (kind, reviewed,
reason) is kept; what is new is written as not reviewed, so never applied unseen. Spellings are only ever taken from
evidence, never made by a rule. Not here: reading the sources (alias_sources.py), applying aliases (geo/names).
"""

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

from alias_places import Places, key_of

from geo import aliases, townships
from pipeline.declare.settings import REFERENCE, REPOSITORY

EVIDENCE = "alias_evidence.csv"
EVIDENCE_COLUMNS = ("alias", "state_region", "adm3_pcode", "source", "records", "located", "town")
NEW = "new, not yet looked at"
LEAST_LIKE = 0.5  # likeness of two keys below which a single piece of evidence is not enough
# Listed names and aliases are written in these letters only; GeoNames also has Shan, Thai, Chinese and others.
LATIN = re.compile(r"^[A-Z][A-Za-zÀ-ž .,'’()/-]*$")
BURMESE = re.compile(r"^[\u1000-\u1049\u104c-\u104f\u200b\u200c ()]+$")

Row = dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, default=REPOSITORY.parent / "shared", help="realdata, olddata, context")
    parser.add_argument("--list", type=Path, nargs="*", default=[], dest="lists", help="CSV: name, adm1_name, ...")
    parser.add_argument("--out", type=Path, default=REFERENCE)
    arguments = parser.parse_args()
    kept = _read(arguments.out / EVIDENCE)
    if (arguments.shared / "realdata").is_dir():
        kept = merged(kept, sightings(arguments.shared, arguments.lists))
    _write(arguments.out / EVIDENCE, EVIDENCE_COLUMNS, kept)
    rows, refused = summarised(kept, _read(arguments.out / aliases.FILE))
    _write(arguments.out / aliases.FILE, tuple(aliases.SCHEMA), rows)
    applied = sum(row["reviewed"] == "yes" for row in rows)
    print(f"{len(rows)} spellings, {applied} applied, {sum(row['reason'] == NEW for row in rows)} new")
    for reason, count in refused.most_common():
        print(f"  {count:5} refused: {reason}")
    return 0


def sightings(shared: Path, lists: Iterable[Path]) -> list[Row]:
    """Evidence of every source at hand: one row per spelling, state, township and source."""
    import alias_sources as sources

    places = Places(shared / "realdata" / "boundaries" / "mmr_polbnda_adm3_mimu_250k.shp")
    found = [
        *sources.ucdp(shared / "realdata", places),
        *sources.geonames(places),
        *sources.old_layers(shared / "olddata", places),
        *sources.beside_codes(shared, places),
        *sources.gazetteer(places),
        *sources.lists(lists, places),
    ]
    counts: Counter[tuple[str, str, str, str]] = Counter()
    located: Counter[tuple[str, str, str, str]] = Counter()
    town: dict[tuple[str, str, str, str], bool] = {}
    for seen in found:
        spelling = re.sub(r"\s+", " ", seen.spelling.replace("\u200b", "")).strip()
        if _script(spelling) and not places.is_listed_name(spelling, seen.pcode):
            at = (spelling, seen.state, seen.pcode, seen.source)
            counts[at] += 1
            located[at] += seen.located
            town[at] = town.get(at, True) and seen.town
    return [
        dict(zip(EVIDENCE_COLUMNS, (*at, str(counts[at]), str(located[at]), "yes" if town[at] else "no"), strict=True))
        for at in sorted(counts)
    ]


def merged(kept: list[Row], found: list[Row]) -> list[Row]:
    """What was found now, and the evidence of sources that were not at hand."""
    now = {row["source"] for row in found}
    both = [*found, *(row for row in kept if row["source"] not in now)]
    return sorted(both, key=lambda row: tuple(row[column] for column in EVIDENCE_COLUMNS))


def summarised(evidence: list[Row], reviewed: list[Row]) -> tuple[list[Row], Counter[str]]:
    """Alias rows from the evidence, with the reviews already made; and how many spellings were refused, why."""
    listed = {row["adm3_pcode"]: row for row in townships.reference().iter_rows(named=True)}
    taken = {(row["state_region"], key_of(row[c])) for row in listed.values() for c in ("adm3_name", "adm3_name_my")}
    reviews = {(row["adm3_pcode"], key_of(row["alias"])): row for row in reviewed}
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in evidence:
        groups[row["state_region"], key_of(row["alias"]) or ""].append(row)
    rows, refused = [], Counter[str]()
    for (state, key), seen in sorted(groups.items()):
        records: Counter[str] = Counter()
        located: Counter[str] = Counter()
        for row in seen:
            records[row["adm3_pcode"]] += int(row["records"])
            located[row["adm3_pcode"]] += int(row["located"])
        named = official(seen)
        pcode = named or min(records, key=lambda code: (-records[code], code))
        township = listed[pcode]
        like = max(_likeness(key, key_of(township[c]) or "") for c in ("adm3_name", "adm3_name_my"))
        own = [row for row in seen if row["adm3_pcode"] == pcode]
        why = _refusal(state, key, pcode, records, located, taken, like, own, named is not None)
        if why:
            refused[why] += 1
            continue
        rows.append(_alias(own, township, records[pcode], located, like, reviews.get((pcode, key))))
    return sorted(rows, key=lambda row: (row["adm3_pcode"], row["script"], row["alias"])), refused


def official(seen: list[Row]) -> str | None:
    """The one township to which at least two official lists give the spelling, whatever points of events say.

    A list that names townships beside their codes or whole polygons cannot be outvoted by one wrong point that an
    event source repeats: UCDP's point of "Bawlakhe township" lies in Hpasawng.
    """
    sources: dict[str, set[str]] = defaultdict(set)
    for row in seen:
        if row["source"] in aliases.OFFICIAL and row["town"] == "no":
            sources[row["adm3_pcode"]].add(row["source"])
    return next(iter(sources)) if len(sources) == 1 and len(*sources.values()) >= aliases.OFFICIAL_ENOUGH else None


def _refusal(
    state: str, key: str, pcode: str, records: Counter[str], located: Counter[str],
    taken: set[tuple[str, str | None]], like: float, own: list[Row], named: bool,
) -> str | None:  # fmt: skip
    """Why a spelling cannot be an alias at all, or None; the person who reviews sees only the others."""
    if not key:
        return "no letters"
    if (state, key) in taken:
        return "the name of a township of the same state"
    if all(row["source"] == "geonames" and row["town"] == "yes" for row in own):
        return "a place that does not bear its township's name"
    total, points = sum(records.values()), sum(located.values())
    split = records[pcode] / total < aliases.LEAST_AGREE_SHARE if total >= aliases.ENOUGH_EVIDENCE else len(records) > 1
    if not named and (split or (points and located[pcode] / points < aliases.LEAST_AGREE_SHARE)):
        return "the evidence is split between townships"
    if total == 1 and like < LEAST_LIKE and not any(row["town"] == "yes" for row in own):
        return "one piece of evidence, and not like the name"
    return None


def _alias(
    own: list[Row], township: dict[str, str], records: int, located: Counter[str], like: float, review: Row | None
) -> Row:
    spellings: Counter[str] = Counter()
    for row in own:
        spellings[row["alias"]] += int(row["records"])
    alias = min(spellings, key=lambda spelling: (-spellings[spelling], spelling))
    points, agree = sum(located.values()), located[township["adm3_pcode"]]
    return {
        "alias": alias,
        "script": _script(alias) or "",
        "adm3_pcode": township["adm3_pcode"],
        "adm3_name": township["adm3_name"],
        "adm1_name": township["adm1_name"],
        "kind": review["kind"] if review else _kind(alias, own, like),
        "learnt_from": ";".join(sorted({row["source"] for row in own})),
        "evidence_count": str(records),
        "located_count": str(points),
        "agree_count": str(agree),
        "agree_share": f"{agree / points:.3f}" if points else "",
        "reviewed": review["reviewed"] if review else "no",
        "reason": review["reason"] if review else NEW,
    }


def _kind(alias: str, own: list[Row], like: float) -> str:
    """A first guess that the review may change."""
    if all(row["town"] == "yes" for row in own):
        return "town_name"
    if _script(alias) == "burmese":
        return "burmese_spelling"
    return "transliteration" if like >= LEAST_LIKE else "former_name"


def _script(spelling: str) -> str | None:
    """None for what is neither Latin as in a name (no airport codes, no other romanisation) nor Burmese."""
    if LATIN.match(spelling) and not spelling.isupper():
        return "latin"
    return "burmese" if BURMESE.match(spelling) else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _read(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, columns: tuple[str, ...], rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    raise SystemExit(main())
