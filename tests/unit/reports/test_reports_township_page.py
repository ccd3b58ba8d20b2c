"""A township's page beside its tables: sections, months, gaps, what is withheld, drawings, marks."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.codes import IndexName
from pipeline.declare.indices import INDICES
from reports.draw.charts import draw_bars
from reports.draw.maps import draw_locators
from reports.draw.shapes import locators
from reports.site.blocks import class_chip
from reports.site.locators import addresses
from reports.site.township_rows import (
    DEATHS,
    EVENTS,
    SAVED_MONTHS,
    History,
    bounds,
    earlier_class,
    event_keys,
    histories,
    month_frame,
    month_rows,
)
from reports.text.catalogue import Both, in_language

CODE = "MMR001001"
NAMES = Both("a", "b")


@pytest.fixture(scope="module")
def text(built: Path) -> str:
    return (built / f"report/townships/{CODE}.html").read_text(encoding="utf-8")


def test_sections_links_and_both_scripts(text: str, built: Path) -> None:
    assert '<section class="now" id="now">' in text and text.index('id="now"') < text.index('class="cards"')
    for anchor in ("security", "humanitarian", "services", "control", "evidence", "months", "neighbours", "downloads"):
        assert f'<section id="{anchor}"' in text
        assert f'href="#{anchor}"' in text
    for target in (f"../townships.html#{CODE}", f"../index.html#township={CODE}", "../regions/kachin.html"):
        assert f'href="{target}"' in text
    assert '<h1>Myitkyina <span lang="my">မြစ်ကြီးနား</span></h1>' in text
    assert 'rel="next" href="MMR001002.html"' in text
    assert text.count('<article class="card') == len(INDICES)
    for table in re.findall(r'href="../../tables/(\w+\.csv)"', text):
        assert (built / "tables" / table).is_file()


def test_pages_are_small(built: Path) -> None:
    sizes = [path.stat().st_size for path in (built / "report/townships").glob("*.html")]
    assert max(sizes) < 60_000
    assert sum(sizes) / len(sizes) * 330 < 10_500_000


def test_every_label_of_the_main_part_has_its_burmese(built: Path) -> None:
    text = (built / f"report/my/townships/{CODE}.html").read_text(encoding="utf-8")
    main = text[text.index('<main id="main">') : text.index("</main>")]
    headings = re.findall(r"<(?:h2|th|dt|caption|summary)\b[^>]*>([^<]*)", main)
    assert len(headings) > 60
    assert [words for words in headings if re.search("[a-z]{3}", words.replace("isp-2023", "").replace("rolling", ""))
            and not re.search("[\u1000-\u109f]", words)] == []  # fmt: skip


def months_of(tables: dict[str, pl.DataFrame], release, **index: pl.Expr) -> pl.DataFrame:
    changed = {**tables, "township_index": tables["township_index"].with_columns(**index)}
    return month_frame(changed, release).filter(pl.col("adm3_pcode") == CODE)


def test_months_without_a_row_are_zero_only_where_the_source_covers_them(tables, release) -> None:
    no_events = {**tables, "township_month_events": tables["township_month_events"].clear()}
    assert months_of(no_events, release, clashes_month_count=pl.lit(0))[DEATHS].to_list() == [0] * 4
    unknown = months_of(no_events, release, clashes_month_count=pl.lit(None, pl.Int64))
    for column in (*EVENTS.values(), DEATHS):
        assert unknown[column].to_list() == [None] * 4, column


def test_a_class_that_the_source_never_records_is_not_zero(tables, release) -> None:
    events = tables["township_month_events"].filter(pl.col("event_class") != "other")
    found = months_of({**tables, "township_month_events": events}, release, clashes_month_count=pl.lit(1))
    assert found["other_events_count"].to_list() == [None] * 4
    assert None not in found["clash_events_count"].to_list()


def test_deaths_of_an_event_without_a_figure_are_not_zero(tables, release) -> None:
    events = tables["township_month_events"].with_columns(fatalities_persons=pl.lit(None, pl.Int64))
    found = months_of({**tables, "township_month_events": events}, release, clashes_month_count=pl.lit(1))
    assert found[DEATHS].to_list() == [None] * 4
    assert None not in found["clash_events_count"].to_list()


def test_the_table_says_what_the_tables_hold(tables, release) -> None:
    index = tables["township_index"].with_columns(
        idps_persons=pl.lit(1970), idps_suppressed=pl.lit(False), clashes_month_count=pl.lit(3),
        security_shown=pl.lit("reported_quiet"), provisional=pl.lit(True),
    )  # fmt: skip
    rows = histories({**tables, "township_index": index}, release)[CODE].rows
    lines = month_rows(rows).split("\n")
    assert len(lines) == 4
    assert lines[0].startswith('<tr><th>2021-05<abbr title="\x02provisional\x03')
    assert "<td>1,970<td" in lines[0]
    assert '<td class="chip-reported_quiet chip-not_in_conflict" rowspan=4>quiet, as reported' in in_language(
        lines[0], "en"
    )
    assert lines[0].count("<td") == len(SAVED_MONTHS) - 1
    assert "chip-" not in lines[1], "a class that lasts stands once, over its months"
    withheld = index.with_columns(idps_persons=pl.lit(None, pl.Int64), idps_suppressed=pl.lit(True))
    line = month_rows(histories({**tables, "township_index": withheld}, release)[CODE].rows).split("\n")[0]
    assert '<td class="chip-suppressed"' in line and "fewer than 10" in line
    missing = index.with_columns(idps_persons=pl.lit(None, pl.Int64))
    line = month_rows(histories({**tables, "township_index": missing}, release)[CODE].rows).split("\n")[0]
    assert '<td class="gap"' in line and "not reported" in line and "fewer than 10" not in line


def test_a_kind_that_the_source_never_records_hides_no_other() -> None:
    months = [date(2023, month, 1) for month in (1, 2)]
    drawn = str(draw_bars(months, [[4, 0], [1, 2], [None, None]], NAMES, 0, False))
    assert 'class="gap"' not in drawn and 'class="bar0"' in drawn and 'class="bar1"' in drawn
    nothing = str(draw_bars(months, [[None, None]] * 3, NAMES, 0, False))
    assert nothing.count('class="gap"') == 1 and 'class="bar0' not in nothing
    columns = dict(zip(EVENTS.values(), ([4, 0], [1, 2], [None, None]), strict=True))
    keys = event_keys(History(columns=columns))
    assert [drawn for _, drawn in keys] == [True, True, False]
    assert keys[2][0].en == "other events: not reported"


def test_quiet_without_evidence_is_not_called_quiet() -> None:
    blank = {**dict.fromkeys((*EVENTS.values(), DEATHS, "idps_persons", "idps_suppressed", "provisional")),
             "month": date(2023, 1, 1), "security_shown": "reported_quiet"}  # fmt: skip
    silent = {**blank, "security_shown": "silent"}
    assert "silent: nobody reports" in class_chip(silent, "security")
    assert "quiet, as reported" in class_chip(blank, "security")
    assert "chip-silent" in month_rows((silent,)) and "chip-silent" not in month_rows((blank,))
    ends = {"services_class": "not_in_conflict", "services_shown": "silent", "services_class_best": "not_in_conflict"}
    assert "silent" in str(bounds({**ends, "services_class_worst": "not_in_conflict"}))
    before = {"month_security_shown": "silent", "year_security_shown": "low"}
    assert "silent: nobody reports; low" in str(earlier_class(IndexName.SECURITY)(before))


def test_locators_mark_the_township_and_carry_the_watermark(tables, release, built: Path) -> None:
    found = locators(tables["townships"])
    assert len(found) == 330 and {one.state for one in found.values()} == set(tables["townships"]["state_region"])
    where = addresses(tables)
    assert len(where) == 330 and where[CODE].endswith(f".svg#{CODE}")
    drawn = draw_locators({CODE: found[CODE]}, "SYNTHETIC DATA · SCHEMATIC SHAPES")
    assert f'<path id="{CODE}"' in drawn and ":target" in drawn
    assert ">SYNTHETIC DATA<" in drawn and ">SCHEMATIC SHAPES<" in drawn
    assert "<text" not in draw_locators({CODE: found[CODE]}, "")
    for code, address in where.items():
        name, _, own = address.partition("#")
        assert own == code and f'id="{code}"' in (built / "report" / name).read_text(encoding="utf-8")
    for page in (f"townships/{CODE}.html", f"my/townships/{CODE}.html"):
        source = re.search(r'<img class="locator" src="([^"]+)#', (built / "report" / page).read_text(encoding="utf-8"))
        assert source and (built / "report" / page).parent.joinpath(source[1]).is_file()
    assert sum(path.stat().st_size for path in (built / "report/locators").iterdir()) < 200_000


def test_a_township_without_a_row_still_has_its_page(tables, release, tmp_path: Path, write_some) -> None:
    few = tables["townships"].head(2)
    without = tables["township_index"].filter(pl.col("adm3_pcode") != CODE)
    own = {**tables, "townships": few, "township_index": without}
    write_some(own, release, tmp_path, {"townships/{place[adm3_pcode]}.html"})
    text = (tmp_path / f"report/townships/{CODE}.html").read_text(encoding="utf-8")
    assert text.count("chip-missing") > 10
    assert not re.search(r">(None|nan|null)<", text)


def test_an_invented_file_says_so_in_its_name(built_hostile: Path, built: Path, release, invented) -> None:
    text = (built_hostile / f"report/townships/{CODE}.html").read_text(encoding="utf-8")
    assert f'data-file="SYNTHETIC-{CODE}-{release.release_id}.csv" data-note="SYNTHETIC DATA"' in text
    assert text.count('class="across"') == len(INDICES) + 1, (
        "the scores and the months; the locator has both words in its own file"
    )
    assert replace(invented, internal=True).data_mark == "INTERNAL · SYNTHETIC DATA"
    plain = (built / f"report/townships/{CODE}.html").read_text(encoding="utf-8")
    assert 'data-note=""' in plain and 'class="across"' not in plain
