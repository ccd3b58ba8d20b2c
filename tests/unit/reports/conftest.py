"""An invented release: every published table for the 330 townships, built from the declarations alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import islice
from pathlib import Path

import polars as pl
import pytest
import shapely
from shared_folders import once, session_folder

from pipeline.declare.columns import COLUMNS, Column
from pipeline.declare.tables import Layer, Table, layer
from reports.build import build_last, build_most
from reports.files.series import series
from reports.files.workbook import WORKBOOK, write_workbook
from reports.national_brief import region
from reports.release import Release
from reports.site import pictures
from reports.site.inputs import Inputs
from reports.site.pages import PAGES, Page, write_pages
from reports.text.fonts import font_css

ROOT = Path(__file__).parents[3]
METHODS = ("isp-2023", "rolling-12m")
REGION_COUNT = 15


def places() -> pl.DataFrame:
    """The list of townships, each a square around its label point."""
    rows = pl.read_csv(ROOT / "data/reference/townships.csv", infer_schema=False)
    lon, lat = rows["label_lon"].cast(float).to_numpy(), rows["label_lat"].cast(float).to_numpy()
    half = rows["area_km2"].cast(float).to_numpy() ** 0.5 / 240
    squares = shapely.to_wkb(shapely.box(lon - half, lat - half, lon + half, lat + half))
    return rows.select(
        "adm3_pcode", "adm3_name", "adm3_name_my", "adm2_pcode", "adm2_name", "adm1_pcode", "adm1_name", "state_region",
        "self_administered_unit", pl.col("area_km2").cast(float),
        pl.col("population_2022").cast(int).alias("population_persons"),
        pl.lit(date(2022, 10, 1)).alias("population_reference_date"), pl.lit("schematic").alias("boundary_source"),
        pl.Series("geometry", squares, dtype=pl.Binary),
    ).sort("adm3_pcode")  # fmt: skip


def month_starts(count: int) -> list[date]:
    return [date(2021 + (1 + i) // 12, (1 + i) % 12 + 1, 1) for i in range(count)]


def filler(column: Column, row: pl.Expr, nullable: bool) -> pl.Expr:
    """Values of the declared type within the declared bounds; every seventh is missing where it may be."""
    if column.values:
        value = pl.lit(pl.Series([list(column.values)])).first().list.get(row % len(column.values))
    elif column.name == "in_publication_lag":
        value = pl.lit(False)  # or months would lead by chance
    elif column.type == "BIGINT":
        top = 40 if column.high is None else int(column.high) + 1
        value = row * 7 % top + int(column.low or 0)
    elif column.type == "DOUBLE":
        low = column.low or 0.0
        value = low + row * 13 % 101 / 100 * ((column.high or low + 1.0) - low)
    elif column.type == "DATE":
        value = pl.lit(date(2023, 11, 26))
    elif column.type == "BOOLEAN":
        value = row % 3 != 0
    else:
        value = pl.format(column.name + " {}", row)
    return (pl.when(row % 7 == 3).then(None).otherwise(value) if nullable else value).alias(column.name)


def make_tables(month_count: int = 4) -> dict[str, pl.DataFrame]:
    """All published tables; keys are real combinations, the rest comes from `filler`."""
    townships = places()
    months = pl.DataFrame({"month": month_starts(month_count)})
    methods = pl.DataFrame({"method": METHODS})
    regions = townships.select("state_region").unique(maintain_order=True)
    scopes = pl.DataFrame({"scope": ["national", *regions["state_region"].to_list()]})
    names = townships.select("adm3_pcode", "adm3_name", "adm1_name", "state_region")
    per_month = methods.join(months, how="cross")
    indices = pl.DataFrame({"index_name": COLUMNS["index_name"].values})
    # What a column of a key may hold, where its declaration does not list it.
    domains = {
        "method": methods, "month": months, "scope": scopes, "state_region": regions,
        "adm3_pcode": townships.select("adm3_pcode"),
    }  # fmt: skip
    # Tables whose rows are not each combination of what their key's columns may hold.
    keys = {
        "township_index": per_month.join(names, how="cross"),
        "township_month_events": months.join(townships.select("adm3_pcode"), how="cross").join(
            pl.DataFrame({"event_class": ["clash", "other"]}), how="cross"
        ),
        "revisions": per_month.join(
            pl.DataFrame({"edition_date": [date(2023, 10, 5), date(2023, 12, 5)]}), how="cross"
        ),
        "deliveries": pl.DataFrame({"delivery_id": [f"{i:064x}" for i in range(5)]}),
        "set_aside_summary": pl.DataFrame({"delivery_id": [f"{0:064x}"] * 2, "reason": ["no_place", "deleted"]}),
        "corrections": pl.DataFrame({"correction_id": ["ucdp-1-best", "ucdp-2-best"]}),
        "comparison": pl.DataFrame({"figure": [f"figure_{i}" for i in range(8)], "published_source": ["P"] * 8}),
        "source_concordance": pl.DataFrame({"source_a": ["a"], "source_b": ["b"]}),
        "source_matches": months.join(townships.select("adm3_pcode").head(3), how="cross").with_columns(
            pl.lit("a").alias("source_a"), pl.lit("b").alias("source_b")
        ),
        "reliability": pl.DataFrame({"probability_bin": COLUMNS["probability_bin"].values}),
        "detection": scopes,
        "displacement_series": townships.select("adm3_pcode").head(3).with_columns(
            pl.lit(date(2023, 9, 30)).alias("reference_date")
        ),
        "service_signs": townships.select("adm3_pcode").head(3).with_columns(
            service_item=pl.lit("electricity"), sign_basis=pl.lit("lights_by_year"), source=pl.lit("a"),
            from_date=pl.lit(date(2023, 1, 1)), sign_direction=pl.lit("loss"),
        ),
        "actor_dialogue": pl.DataFrame({"counterpart": ["A", "A"], "actor": ["B", "C"]}),
        "town_control": months.join(scopes, how="cross").with_columns(controller=pl.lit("resistance")),
        "scorecard": months.join(pl.DataFrame({"horizon_months": [3]}), how="cross")
        .join(pl.DataFrame({"predictor": COLUMNS["predictor"].values}), how="cross")
        .join(pl.DataFrame({"metric": COLUMNS["metric"].values}), how="cross"),
        "neighbours": townships.select("adm3_pcode", pl.col("adm3_pcode").shift(-1).alias("neighbour_pcode")).head(5),
        "scenarios": methods.join(indices, how="cross").with_columns(scenario=pl.lit("events=clash")),
        "sensitivity": methods.join(indices, how="cross").with_columns(choice=pl.lit("events")),
        "explanations": methods.join(indices, how="cross").join(townships.select("adm3_pcode"), how="cross"),
    }  # fmt: skip

    def combinations(table: Table) -> pl.DataFrame:
        unknown = [name for name in table.key if name not in domains and not COLUMNS[name].values]
        if unknown:
            raise ValueError(f"name rows of {table.name} in `keys` of {__file__}: nothing says what {unknown} may hold")
        columns = [domains.get(name, pl.DataFrame({name: COLUMNS[name].values})) for name in table.key]
        return reduce(lambda rows, column: rows.join(column, how="cross", maintain_order="left_right"), columns)

    tables = {"townships": townships}
    for table in layer(Layer.PUBLISHED):
        if table.name == "townships":
            continue
        rows = keys[table.name] if table.name in keys else combinations(table)
        frame = rows.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
        fill = [filler(c, pl.col("row"), c.name in table.nullable) for c in table.specs if c.name not in frame.columns]
        tables[table.name] = frame.with_columns(fill).select(table.columns)
    return tables


@pytest.fixture(scope="session")
def tables() -> dict[str, pl.DataFrame]:
    return make_tables()


@pytest.fixture(scope="session")
def make() -> Callable[[int], dict[str, pl.DataFrame]]:
    return make_tables


@pytest.fixture(scope="session")
def release() -> Release:
    return Release(
        release_id="2023-11-26-0123abcd", synthetic=False, schematic=False, method="isp-2023",
        period_end=date(2023, 11, 26), as_of=date(2023, 12, 5),
        generated_from=(("Events of a programme", "CC BY 4.0", "A programme (2023). Events."),),
        code_version="0.1.0",
    )  # fmt: skip


@pytest.fixture(scope="session")
def invented(release: Release) -> Release:
    return replace(release, synthetic=True, schematic=True)


CANARIES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("https://example.org","x")',
    "javascript:alert(1)",
    "+1+1",
    "@SUM(A1)",
    "\tcell",
    "abc\u202egpj.exe",
    "</style></svg><b>",
    "{{ 7 * 7 }}",
)
CHECKS = (
    {"table": "published.townships", "rule": "key is unique", "severity": "critical", "passed": True,
     "checked_count": 330, "failed_count": 0, "note": None},
    {"table": "published.townships", "rule": CANARIES[0], "severity": "warning", "passed": False,
     "checked_count": 330, "failed_count": 2, "note": CANARIES[1]},
)  # fmt: skip


def hostile_tables() -> dict[str, pl.DataFrame]:
    """The same tables with a canary in every kind of text that a source could have put there."""

    def planted(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        canaries = pl.Series([CANARIES[i % len(CANARIES)] for i in range(frame.height)])
        return frame.with_columns(canaries.alias(column) for column in columns)

    tables = make_tables(1)
    return {
        **tables,
        "townships": planted(tables["townships"], "adm3_name", "adm3_name_my", "adm2_name", "boundary_source"),
        "township_index": planted(tables["township_index"], "adm3_name", "adm1_name"),
        "deliveries": planted(tables["deliveries"], "source", "licence", "file_name"),
        "comparison": planted(tables["comparison"], "note", "published_source", "published_unit", "figure"),
        "actor_dialogue": planted(tables["actor_dialogue"], "conflict_status", "bloc", "actor").with_columns(
            counterpart=pl.Series(["A", "B"])
        ),
    }


Write = Callable[..., None]


@pytest.fixture(scope="session")
def write_some() -> Write:
    """Write the pages of some addresses alone: (tables, release, folder, addresses, checks)."""

    def write(
        tables: dict[str, pl.DataFrame], release: Release, folder: Path, addresses: set[str], checks: tuple = ()
    ) -> None:
        chosen = [page for page in PAGES if page.address in addresses]
        assert len(chosen) == len(addresses)
        write_pages(Inputs(tables, release, folder, checks), chosen)

    return write


@pytest.fixture(scope="session", autouse=True)
def one_region_brief() -> Iterator[None]:
    """Of the briefs of states and regions only the first: to set all of them is half of a build."""
    every = region._briefs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(region, "_briefs", lambda *given: islice(every(*given), 1))
        yield


@pytest.fixture(scope="session", autouse=True)
def few_pictures() -> Iterator[Callable[..., dict[str, dict[str, object]]]]:
    """Of pictures of states and regions only the first: all of them are a third of a build. Gives what makes all."""
    every = pictures._regions
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "_regions", lambda *given: dict(islice(every(*given).items(), 1)))
        yield every


FEW = len(CANARIES) + 2
HOSTILE_REGIONS = {"kachin", "nay-pyi-taw"}


def of_few_places(page: Page, hostile: bool) -> Page:
    """The same page of the first townships alone, and of hostile text of two states or regions."""
    every = page.contexts
    if page.address.startswith("townships/{"):
        return replace(page, contexts=lambda inputs: islice(every(inputs), FEW))
    if hostile and page.address.startswith("regions/{"):
        return replace(page, contexts=lambda inputs: (c for c in every(inputs) if c["unit"].slug in HOSTILE_REGIONS))
    return page


@pytest.fixture(scope="session")
def font_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that keeps the cut fonts, which runs of the whole command share. Read only."""
    cache = session_folder(tmp_path_factory, "township-homes") / "cache"
    font_css(cache)
    return cache


Build = Callable[[str, Callable[[], dict[str, pl.DataFrame]], Release], Path]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory, font_cache: Path) -> Build:
    """A whole release from tables, built by the first worker that asks for it. Read only.

    Only the first townships have a page, which hold every canary; test_integration_sample.py looks for all of them.
    Of a hostile one the workbook has the first rows of each table alone, pictures are of the country in Burmese, and
    there are no briefs (test_reports_brief.py sets one of the same tables).
    """
    root = session_folder(tmp_path_factory, "township-reports")

    def built(name: str, tables: Callable[[], dict[str, pl.DataFrame]], release: Release) -> Path:
        hostile = name == "hostile"

        def make(folder: Path) -> None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("reports.build.PAGES", tuple(of_few_places(page, hostile) for page in PAGES))
                made = tables()
                if hostile:
                    patch.setattr("reports.build._write_briefs", lambda *_: None)
                    patch.setattr(pictures, "_regions", lambda *_: {})
                    patch.setattr(pictures, "LANGUAGES", ("my",))
                build_most(made, release, folder, CHECKS, font_cache)
                few = {name: frame.head(FEW) for name, frame in made.items()} if hostile else made
                write_workbook(few, release, folder / WORKBOOK, series(made, release))
                build_last(made, release, folder)
            assert len(list((folder / "report/townships").iterdir())) == FEW

        return once(root, name, make)

    return built


@pytest.fixture(scope="session")
def built(build: Build, tables: dict[str, pl.DataFrame], release: Release) -> Path:
    """A whole release of real kind."""
    return build("real", lambda: tables, release)


@pytest.fixture(scope="session")
def hostile(invented: Release) -> Release:
    """A release of invented data on schematic shapes whose sources try to break out of every format."""
    return replace(invented, generated_from=tuple((text, text, text) for text in CANARIES))


@pytest.fixture(scope="session")
def with_canaries() -> dict[str, pl.DataFrame]:
    """The tables of one month with a canary in every kind of text."""
    return hostile_tables()


@pytest.fixture(scope="session")
def built_hostile(build: Build, with_canaries: dict[str, pl.DataFrame], hostile: Release) -> Path:
    """The same of `hostile`, with a canary in every kind of text; what is said of invented data is looked up here."""
    return build("hostile", lambda: with_canaries, hostile)


@pytest.fixture(scope="session")
def canaries() -> tuple[str, ...]:
    return CANARIES


@pytest.fixture(scope="session")
def checks() -> tuple[dict[str, object], ...]:
    return CHECKS
