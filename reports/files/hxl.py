"""township_index_hxl.csv: the latest month in HAPI's column names, with a row of HXL tags.

The file travels alone, so each row names its release and says whether it is invented.
A file of its own, because the tag row breaks readers that expect plain data under the header.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from pipeline.declare.indices import INDICES
from reports.files.tables import write_csv
from reports.release import Release, latest_townships, marked

# (column of the file, column of ours, HXL tag). Ours is empty for the constant country code.
HXL_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("location_code", "", "#country+code+v_iso3"),
    ("admin1_code", "adm1_pcode", "#adm1+code+v_mimu"),
    ("admin1_name", "adm1_name", "#adm1+name+i_en"),
    ("admin2_code", "adm2_pcode", "#adm2+code+v_mimu"),
    ("admin2_name", "adm2_name", "#adm2+name+i_en"),
    ("admin3_code", "adm3_pcode", "#adm3+code+v_mimu"),
    ("admin3_name", "adm3_name", "#adm3+name+i_en"),
    ("admin3_name_my", "adm3_name_my", "#adm3+name+i_my"),
    ("reference_period_start", "period_start", "#date+start"),
    ("reference_period_end", "period_end", "#date+end"),
    ("clashes", "clashes_count", "#event+conflict+num"),
    ("fatalities", "fatalities_persons", "#affected+killed+ind+num"),
    ("idps", "idps_persons", "#affected+idps+ind+num"),
    # Under #affected stand numbers only: a reader of HXL may add them up.
    ("idps_suppressed", "idps_suppressed", "#meta+idps+suppressed"),
    ("idps_basis", "idps_basis", "#meta+idps+basis"),
    ("idps_reference_date", "idps_reference_date", "#date+idps"),
    ("population", "population_persons", "#population+ind+num"),
    *(
        row
        for spec in INDICES
        for row in (
            (spec.column, spec.column, f"#indicator+{spec.name}+class"),
            (f"{spec.name}_score", f"{spec.name}_score", f"#indicator+{spec.name}+index+num"),
        )
    ),
    ("control_class", "control_class", "#indicator+control+class"),
    ("evidence_grade", "evidence_grade", "#meta+quality+grade"),
    ("provisional", "provisional", "#meta+provisional"),
    ("method", "method", "#meta+method+version"),
    ("release_id", "release_id", "#meta+release"),
    ("synthetic", "synthetic", "#meta+synthetic"),
)


def write_hxl(tables: Mapping[str, pl.DataFrame], release: Release, path: Path) -> None:
    """Latest month of the default method, one row a township; header row, tag row, data."""
    rows = marked(latest_townships(tables, release), release).select(
        (pl.col(ours) if ours else pl.lit("MMR")).alias(column) for column, ours, _ in HXL_COLUMNS
    )
    columns = [(column, tag) for column, _, tag in HXL_COLUMNS]
    if release.internal:  # a spreadsheet goes on by itself: each of its rows says that it must not
        rows = rows.with_columns(notice=pl.lit(release.confidential))
        columns.append(("notice", "#meta+notice"))
    names, tags = (",".join(words) for words in zip(*columns, strict=True))
    write_csv(rows, path, header=f"{names}\n{tags}\n")
