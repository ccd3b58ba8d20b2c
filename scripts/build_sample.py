"""Write the embedded SYNTHETIC sample: `python scripts/build_sample.py [--out DIR]`.

Here: the invention of the records and their calibration to the margins that ISP-Myanmar published in December
2023 (OnPoint 19, Mapping No. 26). The pipeline knows none of these numbers; it has to compute them. Cuts come
from `pipeline.declare.methods`, to stay in step. Not here: anything real; no row describes an event that happened.

The same bytes on every platform: whole numbers throughout, and of `random` only `Random(int).random()`,
the one sequence that Python promises to keep.
"""

import argparse
import csv
import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate
from operator import mul
from pathlib import Path

from pipeline.declare.codes import CONTROL_SHARES, SERVICE_ITEMS
from pipeline.declare.methods import ISP_2023
from pipeline.declare.settings import REFERENCE, SAMPLE

SEED = 20231126
BEFORE, FIRST, LAST = date(2020, 1, 1), ISP_2023.window_start, date(2023, 11, 26)
CLASHES, HIGH, LOW = 12_238, 141, 80
IDPS_HIGH_TOWNSHIPS, IDPS_LOW_TOWNSHIPS, SEVERE = 45, 92, 57
# Townships in conflict per MIMU unit, and how hard each unit is fought over. Sagaing, Mandalay, Chin,
# Tanintharyi, Kayah and Pekon are published; the others are invented so that the total is 221.
QUOTA = {
    "Kachin": (15, 6), "Kayah": (7, 12), "Kayin": (7, 10), "Chin": (9, 7), "Sagaing": (34, 11),
    "Tanintharyi": (10, 6), "Bago (East)": (13, 5), "Bago (West)": (10, 2), "Magway": (21, 8),
    "Mandalay": (25, 5), "Mon": (9, 4), "Rakhine": (14, 4), "Yangon": (10, 2), "Shan (South)": (10, 4),
    "Shan (North)": (18, 7), "Shan (East)": (3, 1), "Ayeyarwady": (4, 1), "Nay Pyi Taw": (2, 1),
}  # fmt: skip
PEKON, RETIRED, SUCCESSOR, UNKNOWN_CODE = "MMR014010", "MMR013008", "MMR013046", "MMR099001"
# Relative weight of each month from February 2021 on: a rise through 2021, then dry-season waves.
MONTHS = (1, 3, 6, 10, 10, 9, 10, 16, 16, 17, 19, 20, 20, 21, 19, 19, 15, 14, 14, 15, 17, 18, 19, 20, 20,
          20, 18, 16, 13, 12, 12, 13, 15, 16)  # fmt: skip
OFFENSIVE, FIERCE = date(2023, 10, 27), {PEKON: 16}  # Pekon is fought over like Kayah, its neighbour
JUMP = {"Shan (North)": 6, "Sagaing": 3, "Kayah": 3, "Chin": 3, "Rakhine": 4, "Magway": 2}
BEFORE_WEIGHTS = {"Rakhine": 9, "Chin": 3, "Shan (North)": 5, "Kachin": 3, "Kayin": 3}
DISPLACEMENT_ROUNDS = ("2021-12-31", "2022-06-30", "2022-12-31", "2023-06-30", "2023-11-20")
SERVICE_ROUNDS = ("2022-11-15", "2023-05-15", "2023-10-15")
CONTROL_ROUNDS = ("2023-01-15", "2023-11-15")
# Hundredths of a township's area by side, for the controller of the newest round; the rest is unknown.
AREA_SHARES = {
    "state": ((100, 0, 0, 0), (85, 10, 5, 0), (60, 0, 30, 0)),
    "contested": ((45, 20, 35, 0), (20, 60, 20, 0)),
    "resistance": ((20, 10, 70, 0), (5, 0, 90, 0)),
    "other": ((0, 0, 10, 90),),
}
TOWNS_TAKEN, TOWNS_RETAKEN = 24, 7  # invented towns of townships that the resistance holds
LIGHT_YEARS = range(2018, 2023)  # of the years before the coup three, as a township's own past takes
LIGHT_PER_CENT = (100, 103, 107, 104, 118)  # what detection alone does to every township, by year
STATE_ORDERS, LINES_CUT = 30, 20  # invented townships where civil administration is suspended; where lines are cut
MILDER = {"no": "partial", "partial": "yes"}
PRECISION = "geo_precision date_precision"
HEADERS = {
    "clashes": f"event_id event_date event_date_end event_type adm3_pcode fatalities {PRECISION}",
    "displacement": "reference_date adm3_pcode idps_new_persons returnees_persons",
    "services": f"survey_date adm3_pcode {' '.join(SERVICE_ITEMS)} informant_kind",
    "control": f"reference_date adm3_pcode controller confidence {' '.join(CONTROL_SHARES)}",
    "towns": "event_date adm3_pcode holder",
    "lights": "year adm3_pcode lit_pixels",
    "orders": "adm3_pcode item from until sign",
}
KIND_OF = {"towns": "control", "lights": "signs", "orders": "signs"}  # of files not called by their kind
PLACED = ("", "", "", "township", "township", "township", "township", "exact", "exact", "exact")
Cell = str | int
Row = tuple[Cell, ...]


class Dice(random.Random):
    """Draws built on `random()` alone; every file has its own, so that one can change without the rest."""

    def below(self, limit: int) -> int:
        return int(self.random() * limit)

    def pick(self, options: Sequence[Cell]) -> Cell:
        return options[self.below(len(options))]

    def weighted(self, totals: Sequence[int]) -> int:  # an index, by the steps of running totals
        return bisect_right(totals, self.below(totals[-1]))

    def shuffled(self, items: Iterable[str]) -> list[str]:
        return [item for _, item in sorted((self.random(), item) for item in items)]


class Townships:
    """The reference list, and which townships the sample puts in conflict, with how many clashes."""

    def __init__(self) -> None:
        with (REFERENCE / "townships.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        self.unit = {row["adm3_pcode"]: row["adm1_name"] for row in rows}
        self.population = {row["adm3_pcode"]: int(row["population_2022"]) for row in rows}
        self.wa = {row["adm3_pcode"] for row in rows if row["self_administered_unit"] == "Wa"}
        dice, ranked = Dice(SEED), list[tuple[int, str]]()
        for unit, (quota, weight) in QUOTA.items():
            members = dice.shuffled(code for code in sorted(self.unit) if self.unit[code] == unit)
            members.sort(key=lambda code: (code not in (PEKON, SUCCESSOR), code in self.wa))
            ranked += [(FIERCE.get(code, weight) * (20 + dice.below(100)), code) for code in members[:quota]]
        ordered = [code for _, code in sorted(ranked, reverse=True)]
        self.clashes = dict(zip(ordered, clash_counts(dice), strict=True))
        self.outside = [code for code in sorted(self.unit) if code not in self.clashes]

    def ordered_by_clashes(self, dice: Dice, noise: int) -> list[str]:
        """Townships in conflict from many clashes to few, places blurred by up to `noise` ranks."""
        blurred = {code: rank + dice.below(noise) for rank, code in enumerate(self.clashes)}
        return sorted(blurred, key=lambda code: (blurred[code], code))


def clash_counts(dice: Dice) -> list[int]:
    """Clashes per township in descending order: a geometric decline, `HIGH` of them at or above the cut."""
    cut = int(ISP_2023.thresholds("default").security_high.value)
    high, level = [], 320_000
    for _ in range(HIGH):
        high.append(max(level // 1000, cut))
        level = level * 973 // 1000
    low = sorted((1 + min(dice.below(cut - 1), dice.below(cut - 1)) for _ in range(LOW)), reverse=True)
    missing = CLASHES - sum(high) - sum(low)
    for place in range(abs(missing)):
        high[15 + place % 85] += 1 if missing > 0 else -1
    return sorted(high, reverse=True) + low


def daily_totals(unit: str) -> list[int]:
    """Running totals of the weight of each day of the window, for the townships of a unit."""
    days = [FIRST + timedelta(number) for number in range((LAST - FIRST).days + 1)]
    jumps = (JUMP.get(unit, 1) if day >= OFFENSIVE else 1 for day in days)
    return list(accumulate(map(mul, (MONTHS[(d.year - 2021) * 12 + d.month - 2] for d in days), jumps)))


def event(dice: Dice, day: date, kind: str, code: str, last: date, *, geo: str = "") -> Row:
    """One event without its id; `last` bounds its end, so that no record reaches past the window."""
    precision = "day" if dice.below(100) < 95 else str(dice.pick(("week", "week", "week", "month")))
    end = str(min(last, day + timedelta(1 + dice.below(5)))) if dice.below(100) == 0 and day < last else ""
    if precision == "month":
        day, end = day.replace(day=1), ""
    deaths = dice.pick((0, 1, 1, 2, 2, 3, 4, 5, 8, 12)) if dice.below(10) < 3 else ""
    return (str(day), end, kind, code, deaths, geo or dice.pick(PLACED), precision)


def clash_rows(towns: Townships) -> list[Row]:
    dice, totals = Dice(SEED + 1), {unit: daily_totals(unit) for unit in QUOTA}
    places, quiet = list(towns.clashes), dice.shuffled(towns.outside)[:24]
    by_count = list(accumulate(count + 3 for count in towns.clashes.values()))
    rows: list[Row] = []

    def day_of(code: str) -> date:
        return FIRST + timedelta(dice.weighted(totals[towns.unit[code]]))

    def add(kind: str, inside: int, outside: int, geo: str = "") -> None:
        spots = [places[dice.weighted(by_count)] for _ in range(inside)]
        spots += [quiet[dice.below(len(quiet))] for _ in range(outside)]
        rows.extend(event(dice, day_of(code), kind, code, LAST, geo=geo) for code in spots)

    for code, count in towns.clashes.items():
        for place in range(count):
            written = RETIRED if code == SUCCESSOR and place < 3 else code
            rows.append(event(dice, day_of(code), "clash", written, LAST))
    # Beside the clashes: other classes, also where there is no clash, and what came before the coup.
    add("violence_against_civilians", 600, 40)
    add("other", 240, 20)
    earlier = [code for code, unit in towns.unit.items() if unit in BEFORE_WEIGHTS and code not in towns.wa]
    by_unit = list(accumulate(BEFORE_WEIGHTS[towns.unit[code]] for code in earlier))
    for _ in range(250):
        day = BEFORE + timedelta(dice.below((FIRST - BEFORE).days))
        rows.append(event(dice, day, "clash", earlier[dice.weighted(by_unit)], FIRST - timedelta(1)))
    # What a pipeline has to set aside: vague places (the code is only the source's point) and plain faults.
    for geo, inside, outside in (("district", 18, 6), ("region", 9, 3), ("country", 3, 1)):
        add("clash", inside, outside, geo)
    rows += [(f"2022-0{4 + 3 * n}-1{n}", "", "clash", UNKNOWN_CODE, "", "township", "day") for n in range(2)]
    rows.append(("2022-05-14", "", "parade", places[50], "", "township", "day"))
    rows.append(("2022-02-31", "", "clash", places[60], "", "township", "day"))
    rows.sort(key=lambda row: [str(cell) for cell in row])
    numbered: list[Row] = [(f"SYN{number:05d}", *row) for number, row in enumerate(rows, 1)]
    repeated = next(row for row in numbered if row[3:7] == ("clash", places[0], "", "township"))
    return [*numbered, repeated]


def displacement_rows(towns: Townships) -> list[Row]:
    """Cumulative new displacement; the last round is drawn, earlier ones are shares of it."""
    dice, cut = Dice(SEED + 2), int(ISP_2023.idps_high.value)
    limit = {code: people * 6 // 10 for code, people in towns.population.items()}
    order, rows = towns.ordered_by_clashes(dice, 90), list[Row]()
    high = [code for code in order if limit[code] >= 2 * cut][:IDPS_HIGH_TOWNSHIPS]
    low = [code for code in order if code not in high][:IDPS_LOW_TOWNSHIPS]
    final = dict.fromkeys(order, 0) | dict.fromkeys(dice.shuffled(towns.outside)[:40], 0)
    for code in high:
        many = dice.below(80_000) if dice.below(3) == 0 else 0
        final[code] = min(limit[code], cut + dice.below(24_000) + many)
    for code in low:
        final[code] = min(limit[code], 10 + min(dice.below(cut - 10), 500 + dice.below(cut)))
    for code in sorted(final):
        shares = [*sorted(base + dice.below(20) for base in (8, 32, 55, 78)), 100]
        for number, (day, share) in enumerate(zip(DISPLACEMENT_ROUNDS, shares, strict=True)):
            persons = final[code] * share // 100
            figures: Row = (persons, persons * dice.below(20) // 100)
            listed_only = number < 3 and dice.below(40) == 0  # not reported: unknown, not zero
            rows.append((day, code, *(("", "") if listed_only else figures)))
    return sorted(rows, key=lambda row: (row[0], row[1]))


def service_rows(towns: Townships) -> list[Row]:
    """Answers drawn until the wanted class comes out of known items; earlier rounds are milder, patchier."""
    dice, words = Dice(SEED + 3), ("yes", "partial", "no", "unknown")
    severe, rows = set(towns.ordered_by_clashes(dice, 70)[:SEVERE]), list[Row]()
    for code in [*sorted(towns.clashes), *dice.shuffled(towns.outside)[:45]]:
        totals = list(accumulate((1, 2, 6, 1) if code in severe else (6, 3, 2, 1)))
        while True:
            answers = [words[dice.weighted(totals)] for _ in SERVICE_ITEMS]
            known = len(SERVICE_ITEMS) - answers.count("unknown")
            is_severe = (answers.count("no") + answers.count("partial") / 2) / max(
                known, 1
            ) >= ISP_2023.services_severe.value
            if known >= ISP_2023.services_known_minimum.value and is_severe == (code in severe):
                break
        newest = 1 if dice.below(8) == 0 else 2
        for number in range(newest, -1, -1):
            if number < newest:
                milder = [MILDER.get(a, a) if dice.below(10) < 3 else a for a in answers]
                answers = ["unknown" if dice.below(8) == 0 else answer for answer in milder]
            if number == newest or dice.below(10) > 0:
                spelled = [dice.pick((a, a.title(), a.upper(), a.replace("unknown", ""))) for a in answers]
                informant = dice.pick(("civil_society", "civil_society", "local_media", "township_monitor"))
                rows.append((SERVICE_ROUNDS[number], code, *spelled, informant))
    return sorted(rows, key=lambda row: (row[0], row[1]))


def control_rows(towns: Townships) -> list[Row]:
    dice, rows, order = Dice(SEED + 4), list[Row](), ("state", "contested", "resistance", "unknown")
    for code in sorted({*towns.clashes, *towns.wa, *dice.shuffled(towns.outside)[:23]}):
        clashes = towns.clashes.get(code, 0)
        weights = (2, 8, 9, 1) if clashes > 80 else (6, 6, 1, 1) if clashes > 9 else (12, 1, 0, 1)
        now = "other" if code in towns.wa else order[dice.weighted(list(accumulate(weights)))]
        earlier = "contested" if now == "resistance" and dice.below(2) else now
        for day, controller in zip(CONTROL_ROUNDS, (earlier, now), strict=True):
            if day == CONTROL_ROUNDS[-1] or dice.below(8) > 0:
                confidence = dice.pick(("high", "medium", "medium", "low", ""))
                rows.append((day, code, controller, confidence, *_area_shares(day, code, controller)))
    return sorted(rows, key=lambda row: (row[0], row[1]))


def _area_shares(day: str, code: str, controller: str) -> tuple[str, ...]:
    """Shares of the newest round, blank in the round before and where the controller is unknown."""
    patterns = AREA_SHARES.get(controller, ()) if day == CONTROL_ROUNDS[-1] else ()
    if not patterns:
        return ("",) * len(CONTROL_SHARES)
    chosen = patterns[int(code[-3:]) % len(patterns)]
    return tuple(f"{hundredths // 100}.{hundredths % 100:02d}" for hundredths in chosen)


def town_rows(towns: Townships) -> list[Row]:
    """Towns taken since late 2021, a month apart, and some of them retaken later: the number held can fall."""
    dice = Dice(SEED + 5)
    taken = dice.shuffled(sorted(code for code, clashes in towns.clashes.items() if clashes > 80))[:TOWNS_TAKEN]
    days = [date(2021, 11, 1) + timedelta(days=24 * number) for number in range(TOWNS_TAKEN)]
    rows: list[Row] = [(f"{day}", code, "resistance") for day, code in zip(days, taken, strict=True)]
    back = [date(2023, 5, 10) + timedelta(days=26 * number) for number in range(TOWNS_RETAKEN)]
    rows += [(f"{day}", code, "state") for day, code in zip(back, taken, strict=False)]
    return sorted(rows, key=lambda row: (row[0], row[1]))


def light_rows(towns: Townships) -> list[Row]:
    """Pixels with light by year: townships fought over keep less since the coup; now and then one is not seen."""
    dice, rows = Dice(SEED + 6), list[Row]()
    for code in sorted(towns.unit):
        before = min(12 + towns.population[code] // 700 + dice.below(50), 900)
        clashes = towns.clashes.get(code, 0)
        kept = dice.pick((15, 35, 55, 80, 95)) if clashes > 80 else dice.pick((70, 90, 100)) if clashes > 9 else 100
        for year, detection in zip(LIGHT_YEARS, LIGHT_PER_CENT, strict=True):
            loss = (100 - int(kept)) * max(year - 2020, 0) // 2
            pixels = before * detection * (100 - loss) * (95 + dice.below(11)) // 1_000_000
            if dice.below(60) > 0:
                rows.append((year, code, pixels))
    return sorted(rows, key=lambda row: (row[0], row[1]))


def order_rows(towns: Townships) -> list[Row]:
    """Statements: martial law and lines cut, some of them ended, among the townships that are fought over most."""
    dice = Dice(SEED + 7)
    most, rows = towns.ordered_by_clashes(dice, 60), list[Row]()
    for number, code in enumerate(dice.shuffled(most[:80])[:STATE_ORDERS]):
        until = "" if number % 5 else "2023-07-31"
        rows += [(code, item, "2023-02-03", until, "loss") for item in ("police_station", "gad_office")]
    for number, code in enumerate(dice.shuffled(most[:60])[:LINES_CUT]):
        rows.append((code, "communications", "2021-09-23" if number % 2 else "2023-08-14", "", "loss"))
    return sorted(rows)


def build(out: Path) -> None:
    """Write each file into `out`, a CSV and its sidecar, replacing files of the same name."""
    towns = Townships()
    makers = (clash_rows, displacement_rows, service_rows, control_rows, town_rows, light_rows, order_rows)
    for (name, header), rows_of in zip(HEADERS.items(), makers, strict=True):
        kind = KIND_OF.get(name, name)
        path = out / kind / f"synthetic_{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header.split(), *rows_of(towns)])
        path.with_name(path.name + ".toml").write_bytes(
            f'source = "SYNTHETIC sample {name} (invented)"\nlicence = "CC0-1.0"\n'
            f'absence_means = "{"zero" if kind == "clashes" else "unknown"}"\nsynthetic = true\n'.encode()
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the embedded SYNTHETIC sample.")
    parser.add_argument("--out", type=Path, default=SAMPLE, help="folder to write into")
    build(parser.parse_args().out)
