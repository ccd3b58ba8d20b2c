"""Tables of records: what was received, and where each row went."""

from pipeline.declare.codes import CONTROL_SHARES
from pipeline.declare.tables.declaration import TOWNSHIP, TOWNSHIP_COLUMNS, TOWNSHIP_NULLABLE, Layer, table

_TRACE = "delivery_id, row_number, source"
_FIRST_PART = "Where rows were added up as parts, the first of them holds the sum and the others hold no figure."
DELIVERIES = table(
    Layer.RECORDS,
    "deliveries",
    "file received and in force",
    "delivery_id, kind, format, source, source_key, licence, file_name, sha256, received_at, reference_date,"
    "absence_means, rows_count",
    "delivery_id",
    "reference_date",
    caveats=("The immutable landings that this run was made from.",),
)
TOWNSHIPS = table(
    Layer.RECORDS,
    "townships",
    "township",
    TOWNSHIP_COLUMNS,
    TOWNSHIP,
    TOWNSHIP_NULLABLE,
    sources=("reference", "mimu"),
    township_reference=True,
)
CLASHES = table(
    Layer.RECORDS,
    "clashes",
    "current event, or tally of events, that the source locates in a township",
    f"source_key, event_id, event_date, event_date_end, month, event_class, adm3_pcode, placed_by, distance_km,"
    f"point_distance_km, geo_precision, date_precision, events_count, fatalities_persons,"
    f"fatalities_low_persons, fatalities_high_persons, actor1, actor2, source_status,"
    f"updated_at, {_TRACE}",
    "source_key, event_id",
    "event_date_end, fatalities_persons, fatalities_low_persons, fatalities_high_persons, distance_km,"
    " point_distance_km, actor1, actor2, source_status,updated_at",
    township_reference=True,
    caveats=(
        "Events of all classes; methods.py says which count as clashes.",
        "A row of a tally stands for `events_count` events; count events by its sum, never by rows.",
    ),
)
CLASH_DAYS = table(
    Layer.RECORDS,
    "clash_days",
    "source, day, class, township, precision and delivery",
    "source_key, event_date, event_class, adm3_pcode, geo_precision, delivery_id, events_count, fatalities_persons,"
    "fatalities_low_persons, fatalities_high_persons",
    "source_key, event_date, event_class, adm3_pcode, geo_precision, delivery_id",
    "fatalities_persons, fatalities_low_persons, fatalities_high_persons",
    township_reference=True,
    caveats=(
        "records.clashes counted by day: what the indices are made from, and no longer with more events a day.",
        "Deaths add the figures given; missing where no event has one.",
    ),
)
UNALLOCATED_EVENTS = table(
    Layer.RECORDS,
    "unallocated_events",
    "day, source, class, precision and candidate townships",
    "source_key, event_date, event_class, geo_precision, candidate_pcodes, events_count, fatalities_persons",
    "source_key, event_date, event_class, geo_precision, candidate_pcodes",
    "fatalities_persons",
    caveats=("Events that the source locates to a district, region or the country only; in no township.",),
)
EARLIER_EDITIONS = table(
    Layer.RECORDS,
    "earlier_editions",
    "earlier edition, source, month, township, class and precision",
    "edition_date, source_key, month, adm3_pcode, event_class, geo_precision, events_count",
    "edition_date, source_key, month, adm3_pcode, event_class, geo_precision",
    township_reference=True,
    caveats=(
        "The current events of each earlier edition of the leading clash source, placed as today; the "
        "newest edition stands in records.clashes. Empty while there is one edition.",
    ),
)
DISPLACEMENT = table(
    Layer.RECORDS,
    "displacement",
    "township report of displaced people",
    f"adm3_pcode, reference_date, idps_new_persons, idps_stock_persons, returnees_persons, placed_by,"
    f"point_distance_km, geo_precision, updated_at, {_TRACE}",
    "adm3_pcode, reference_date, source, delivery_id, row_number",
    "point_distance_km, idps_new_persons, idps_stock_persons, returnees_persons, updated_at",
    township_reference=True,
    caveats=("A blank figure is a township not reported on; it stays missing.", _FIRST_PART),
)
SERVICES = table(
    Layer.RECORDS,
    "services",
    "township report on public services",
    f"adm3_pcode, survey_date, police_station, gad_office, electricity, water_supply, salaries,"
    f"conflicting_records_count, placed_by, point_distance_km, geo_precision, updated_at, {_TRACE}",
    "adm3_pcode, survey_date, source, delivery_id, row_number",
    "point_distance_km, updated_at",
    township_reference=True,
)
CONTROL = table(
    Layer.RECORDS,
    "control",
    "township record of who controls it",
    f"adm3_pcode, reference_date, controller, {', '.join(CONTROL_SHARES)}, confidence, conflicting_records_count,"
    f"placed_by, point_distance_km, geo_precision, updated_at, {_TRACE}",
    "adm3_pcode, reference_date, source, delivery_id, row_number",
    f"{', '.join(CONTROL_SHARES)}, confidence, point_distance_km, updated_at",
    township_reference=True,
    caveats=("The areas of one map make one record for each township, under the line of the first of them.",),
)
CONTROL_AREAS = table(
    Layer.RECORDS,
    "control_areas",
    "area drawn on a map and township that it covers",
    f"adm3_pcode, reference_date, controller, area_share, {_TRACE}",
    "adm3_pcode, delivery_id, row_number",
    township_reference=True,
    caveats=("As drawn: ground that is drawn twice counts twice here and once in records.control.",),
)
TOWN_CONTROL = table(
    Layer.RECORDS,
    "town_control",
    "day on which a town was taken, retaken or contested",
    f"adm3_pcode, town, event_date, controller, confidence, conflicting_records_count, placed_by,"
    f"point_distance_km, geo_precision, updated_at, {_TRACE}",
    "adm3_pcode, town, event_date, source, delivery_id, row_number",
    "confidence, point_distance_km, updated_at",
    township_reference=True,
    caveats=("A town is not a township: what happens to it says nothing of who controls the township.",),
)
POPULATION = table(
    Layer.RECORDS,
    "population",
    "township population figure",
    f"adm3_pcode, reference_date, population_persons, placed_by, point_distance_km, geo_precision,updated_at, {_TRACE}",
    "adm3_pcode, reference_date, source, delivery_id, row_number",
    "population_persons, point_distance_km, updated_at",
    township_reference=True,
    caveats=(_FIRST_PART,),
)
SIGNS = table(
    Layer.RECORDS,
    "signs",
    "township, item and statement or measurement",
    f"adm3_pcode, service_item, from_date, until_date, date_precision, sign_basis, sign_direction, lit_pixels_count,"
    f"radiance_sum, conflicting_records_count, placed_by, point_distance_km, geo_precision, updated_at, {_TRACE}",
    "adm3_pcode, service_item, sign_basis, from_date, source, delivery_id, row_number",
    "until_date, sign_direction, lit_pixels_count, radiance_sum, point_distance_km, updated_at",
    township_reference=True,
    caveats=("A blank figure of light is a township that was not seen; it stays missing.",),
)
CLASH_COUNTS = table(
    Layer.RECORDS,
    "clash_counts",
    "township, window and source of counts",
    f"source_key, adm3_pcode, period_start, period_end, clashes_count, conflicting_records_count, placed_by,"
    f"point_distance_km, geo_precision, updated_at, {_TRACE}",
    "source_key, adm3_pcode, period_start, period_end, delivery_id, row_number",
    "point_distance_km, updated_at",
    township_reference=True,
    caveats=(
        "Counts that others made of events that were not delivered: compared with, never counted.",
        "A township without a row is unknown and not without a clash.",
    ),
)
SET_ASIDE = table(
    Layer.RECORDS,
    "set_aside",
    "row that was not used, and why",
    "delivery_id, file_name, kind, row_number, reason, column_name, found",
    "delivery_id, row_number",
    "column_name, found",
    caveats=(
        "Holds text of the sources: never part of a release.",
        "Rows that one delivery after another repeats are counted in records.repeated_rows.",
    ),
)
REPEATED_ROWS = table(
    Layer.RECORDS,
    "repeated_rows",
    "delivery and reason",
    "delivery_id, reason, rows_count",
    "delivery_id, reason",
    caveats=(
        "Rows of a delivery that the deliveries of its source before and after it hold word for word. They are counted "
        "here and stand in no other table; the first and the last of equal rows stand in the raw table.",
    ),
)
ACCOUNTS = table(
    Layer.RECORDS,
    "accounts",
    "delivery",
    "delivery_id, kind, file_name, rows_count, rows_used_count, rows_set_aside_count,"
    "rows_contradicted_count, first_date, last_date",
    "delivery_id",
    "first_date, last_date",
    caveats=("Rows in equal rows used plus rows set aside.",),
)
CORRECTIONS = table(
    Layer.RECORDS,
    "corrections",
    "correction and row that it touched",
    "correction_id, kind, correction_action, delivery_id, row_number, column_name, was, becomes,"
    "correction_reason, correction_date",
    "correction_id, delivery_id, row_number",
    "column_name, was, becomes",
    caveats=(
        "Known errors of the sources, mended by corrections.toml.",
        "Holds text of the sources: never part of a release.",
    ),
)
