"""Every table that is computed: the functions that make them, in the order of a run.

A function stands where its arithmetic does; to publish a table, write one with `@makes` and name it here.
"""

from pipeline.analysis import (
    changes,
    concordance,
    displacement,
    event_matching,
    publication,
    published_figures,
    rates,
    reliability,
    revisions,
    scorecard,
    sensitivity,
    signs,
    spatial,
)
from pipeline.declare.tables import Layer, layer
from pipeline.indices import (
    control,
    explanations,
    humanitarian,
    security,
    services,
    signals,
    summaries,
    towns,
    township_index,
)
from pipeline.indices.run_context import Made

INDICES: tuple[Made, ...] = (
    security.security_table,
    humanitarian.humanitarian_table,
    services.services_table,
    control.control_table,
    signals.signals_table,
    event_matching.event_matches_table,
)
PUBLISHED: tuple[Made, ...] = (
    publication.townships_table,
    township_index.township_index_table,
    # Early: the second process computes the statistics over them while the other tables are made.
    spatial.neighbours_table,
    spatial.spatial_tables,
    scorecard.intensity_tables,
    summaries.region_summary_table,
    summaries.national_summary_table,
    control.territorial_control_table,
    control.township_control_table,
    towns.town_control_table,
    security.township_month_events_table,
    displacement.displacement_series_table,
    signs.service_signs_table,
    revisions.revisions_table,
    publication.deliveries_table,
    publication.set_aside_summary_table,
    publication.corrections_table,
    published_figures.comparison_table,
    concordance.source_concordance_table,
    concordance.source_matches_table,
    reliability.reliability_tables,
    rates.township_rates_table,
    changes.township_changes_table,
    changes.change_summary_table,
    sensitivity.scenario_tables,
    sensitivity.sensitivity_table,
    explanations.explanations_table,
    publication.actor_dialogue_table,
)


def made_by(table: str) -> Made:
    """The function that makes a table of the layers indices and published, by the table's full name."""
    return next(one for one in (*INDICES, *PUBLISHED) if table in one.tables)


def _check() -> None:
    """Raise ValueError where a declared table is made by no function, or one is read before it is made."""
    for name, made in ((Layer.INDICES, INDICES), (Layer.PUBLISHED, PUBLISHED)):
        found = [table for one in made for table in one.tables]
        declared = [table.full_name for table in layer(name)]
        if sorted(found) != sorted(declared):
            raise ValueError(f"{name} tables and their functions differ: {sorted(set(found) ^ set(declared))}")
        known: set[str] = set()
        for one in made:
            early = [table for table in one.reads if table in found and table not in known]
            if early:
                raise ValueError(f"{', '.join(one.tables)} reads {', '.join(early)} before it is made")
            known |= set(one.tables)


_check()
