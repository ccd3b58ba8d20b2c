"""Weights of the optional composite: equal, by entropy, by the first principal component, and drawn.

Not here: what is weighted and how it is put together (composite.py).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.codes import IndexName, Weighting
from pipeline.indices.frames import conform
from pipeline.indices.scores import SHARE_DECIMALS
from pipeline.methods import Choice

Floats = NDArray[np.float64]

DRAWS = Choice(
    500,
    "Five hundred divisions of the weights, in well under a second. With another seed the ends of a rank interval move "
    "by about one rank on average and by up to nine (the sample, four seeds): the interval is no finer.",
)
DRAWS_SEED = Choice(20210201, "Fixed, so that the same records give the same intervals; the day of the coup.")
_COUNT = len(IndexName)


def equal_weights() -> Floats:
    return np.full(_COUNT, 1 / _COUNT)


def entropy_weights(values: Floats) -> Floats:
    """Weights by how unevenly each column of `values` (townships x indices, none below zero) is spread.

    With p = x / sum(x) and e = -sum(p ln p) / ln(rows), a weight is (1 - e) / sum(1 - e) (Shannon 1948; Hwang and Yoon
    1981, ch. 2). A column that is the same everywhere tells no township from another and weighs nothing; equal weights
    where no column does, or of fewer than two townships.
    """
    rows = values.shape[0]
    if rows < 2:
        return equal_weights()
    total = values.sum(axis=0)
    share = np.divide(values, total, out=np.full_like(values, 1 / rows), where=total > 0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    spread = np.maximum(0.0, 1 + (share * logs).sum(axis=0) / np.log(rows))
    spread = np.where(np.ptp(values, axis=0) > 0, spread, 0.0)
    total_spread = float(spread.sum())
    return np.asarray(spread / total_spread, dtype=np.float64) if total_spread > 0 else equal_weights()


def pca_weights(values: Floats) -> Floats:
    """Squared loadings of the first principal component of the correlations (OECD/JRC handbook, step 6).

    They sum to one because the component has length one. The sign of a loading is lost: where indices run against
    each other these weights mean little. A column without variation weighs nothing; equal weights where none varies.
    """
    varies = np.ptp(values, axis=0) > 0 if values.shape[0] > 1 else np.zeros(_COUNT, dtype=bool)
    if not varies.any():
        return equal_weights()
    weights = np.zeros(_COUNT)
    standard = values[:, varies] - values[:, varies].mean(axis=0)
    standard /= np.sqrt((standard**2).sum(axis=0))
    # eigh gives the eigenvalues in rising order.
    weights[varies] = np.linalg.eigh(standard.T @ standard)[1][:, -1] ** 2
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def weightings(values: Floats) -> dict[Weighting, Floats]:
    """The named weights from the townships for which all indices are known; columns in the order of IndexName."""
    return {
        Weighting.EQUAL: equal_weights(),
        Weighting.ENTROPY: entropy_weights(values),
        Weighting.PCA: pca_weights(values),
    }


def drawn_weights() -> Floats:
    """DRAWS rows of weights, every division of the whole among the indices equally likely (Dirichlet 1, 1, 1).

    They belong to the indices and know nothing of townships: other names or another order change no one's rank.
    """
    return np.random.default_rng(int(DRAWS_SEED.value)).dirichlet(np.ones(_COUNT), size=int(DRAWS.value))


def weights_table(values: Floats, method: str, month: object) -> pl.DataFrame:
    """published.composite_weights of one method."""
    rows = [
        {"method": method, "weighting": weighting, "index_name": index, "month": month,
         "weight_share": round(float(weight), SHARE_DECIMALS)}
        for weighting, weights in weightings(values).items()
        for index, weight in zip(IndexName, weights, strict=True)
    ]  # fmt: skip
    return conform(pl.DataFrame(rows), "published.composite_weights")
