"""Several sources of clashes in words: one is counted, the others are compared, and no figure goes unexplained."""

from pathlib import Path

import polars as pl

from reports.site.evidence import concordance, leading_words, source_names

LEADER, OTHER = "canonical_clashes:north", "ucdp_ged"


def with_sources(tables: dict[str, pl.DataFrame], **pair: object) -> dict[str, pl.DataFrame]:
    """The invented release with two sources of clashes, and figures of the pair."""
    said = {
        "source_a": LEADER, "source_b": OTHER, "agreement_share": 0.88, "township_months_count": 11_220, "kappa": -0.5,
        "matched_count": 300, "matched_by_chance_count": 40, "events_a_count": 3_074, "events_b_count": 3_255,
        "events_estimate": 7595.5, "events_estimate_low": 7367.3, "events_estimate_high": 7845.9, "comparable": False,
        "assumptions_note": "A note.", **pair,
    }  # fmt: skip
    table = tables["source_concordance"]
    typed = [pl.lit(value, dtype=table.schema[name]).alias(name) for name, value in said.items()]
    delivered = (
        tables["deliveries"]
        .head(2)
        .with_columns(
            pl.lit("clashes").alias("kind"),
            pl.Series("source_key", [LEADER, OTHER]),
            pl.Series("source", ["North", "UCDP"]),
        )
    )
    return {
        **tables,
        "deliveries": delivered,
        "set_aside_summary": tables["set_aside_summary"].clear(),
        "national_summary": tables["national_summary"].with_columns(pl.lit(LEADER).alias("clash_source")),
        "source_concordance": table.with_columns(typed),
    }


def test_the_leading_source_is_named_and_the_others_are_not_added(tables, release) -> None:
    both = with_sources(tables)
    assert leading_words(both, release).en == (
        "Clashes are counted from one source: North. Other sources were delivered. They are compared with it and never "
        "added: UCDP."
    )
    alone = {**both, "deliveries": both["deliveries"].head(1)}
    assert leading_words(alone, release).en == "Clashes are counted from one source: North."
    none = {**both, "national_summary": both["national_summary"].with_columns(clash_source=pl.lit(None, pl.String))}
    assert leading_words(none, release).en == "No source of clashes covers the country."


def test_sources_of_one_name_are_told_apart_by_their_keys(tables) -> None:
    both = with_sources(tables)
    same = {**both, "deliveries": both["deliveries"].with_columns(source=pl.lit("Clashes"))}
    assert source_names(same) == {LEADER: f"Clashes ({LEADER})", OTHER: f"Clashes ({OTHER})"}


def test_agreement_is_a_sentence_with_its_figures(tables) -> None:
    (row,) = concordance(with_sources(tables))
    said = row["sentence"].en
    assert said.startswith("North and UCDP, ")
    assert ": in 88 % of 11,220 months of a township both have a clash or both have none. " in said
    assert said.endswith("300 of their 3,074 and 3,255 clashes may be the same ones, up to 40 of them by chance.")
    assert (row["estimate"].en, row["kappa"].en) == ("7,596 (7,367 to 7,846)", "\u22120.50")


def test_what_is_undefined_is_said(tables) -> None:
    (row,) = concordance(with_sources(tables, agreement_share=None, kappa=None, events_estimate=None))
    assert row["sentence"].en == "North and UCDP have no month in common."
    assert (row["kappa"].en, row["estimate"].en) == ("undefined", "not estimated")


def test_the_pages_show_it_only_where_there_is_a_pair(tables, release, tmp_path: Path, write_some) -> None:
    write_some(with_sources(tables), release, tmp_path / "two", {"index.html", "quality.html"})
    quality = (tmp_path / "two" / "report" / "quality.html").read_text(encoding="utf-8")
    assert "Several sources of clashes" in quality
    assert "North and UCDP, " in quality
    assert "counted from one source: North." in (tmp_path / "two/report/index.html").read_text(encoding="utf-8")
    none = {**tables, "source_concordance": tables["source_concordance"].clear()}
    write_some(none, release, tmp_path / "one", {"quality.html"})
    assert "Several sources" not in (tmp_path / "one" / "report" / "quality.html").read_text(encoding="utf-8")
