"""The optional composite."""

from pipeline.declare.tables.table import Layer, Sheet, table

COMPOSITE = table(
    Layer.PUBLISHED,
    "composite",
    "method and township",
    """method, adm3_pcode, month, composite_geometric_score, composite_arithmetic_score, indices_known_count,
           composite_rank, composite_rank_low, composite_rank_high""",
    "method, adm3_pcode",
    """composite_geometric_score, composite_arithmetic_score, composite_rank, composite_rank_low,
           composite_rank_high""",
    township_reference=True,
    caveats=(
        "Secondary and optional (--composite), else empty: ISP-Myanmar merges nothing, and the profile of "
        "the three indices is the result.",
        "At the last month of the release.",
    ),
    sheet=Sheet(16, "Secondary: the optional composite of the three indices"),
)
COMPOSITE_WEIGHTS = table(
    Layer.PUBLISHED,
    "composite_weights",
    "method, weighting and index",
    "method, weighting, index_name, month, weight_share",
    "method, weighting, index_name",
    caveats=("Weights of the optional composite; empty without it.",),
    sheet=Sheet(17, "Weights of the optional composite"),
)
