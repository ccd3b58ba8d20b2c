"""Names as they are compared: township, state and district without case, blanks, signs and unit words.

Not here: which township a name means (names, aliases).
"""

import polars as pl

# What stands behind a township's name without being part of it; no name of the list ends in one of these.
TOWNSHIP_WORD = r"(?i)(?:\b(?:township|town|tsp|t/s)\.?|မြို့နယ်|မြို့)[\s\p{Cf}]*$"
_STATE_WORDS = (
    r"\b(?:state|region|division|div|union|territory|council)\b|ပြည်နယ်|တိုင်းဒေသကြီး|တိုင်း|ပြည်ထောင်စုနယ်မြေ"
    r"|ကောင်စီနယ်မြေ|ကောင်စီ"
)
_DISTRICT_WORDS = (
    r"\bself[\s-]*administered\s+(?:zone|division|area)\b|\b(?:district|saz|sad)\b"
    r"|ကိုယ်ပိုင်အုပ်ချုပ်ခွင့်ရ(?:ဒေသ|တိုင်း)|ခရိုင်"
)
# The digit zero is typed for the letter wa, which looks the same: beside a Burmese letter or sign it is the letter.
_ZERO_FOR_WA = (("([\u1000-\u103f])\u1040", "${1}\u101d"), ("\u1040([\u1000-\u103f])", "\u101d${1}"))
_NOT_LETTERS = r"[^\p{L}\p{M}]"


def name_key(expr: pl.Expr) -> pl.Expr:
    """Lower-case letters (and Burmese signs) of a township's name, no trailing "township"; null if none.

    NFC first: the same Burmese syllable can be typed in two orders of its signs.
    """
    return _letters(plain(expr).str.replace(TOWNSHIP_WORD, ""))


def state_key(expr: pl.Expr) -> pl.Expr:
    """The same for a state or region, without "state", "region", "division" or "union territory"."""
    return _letters(plain(expr).str.replace_all(_STATE_WORDS, ""))


def district_key(expr: pl.Expr) -> pl.Expr:
    """The same for a district, without "district" or "self-administered zone"."""
    return _letters(plain(expr).str.replace_all(_DISTRICT_WORDS, ""))


def plain(expr: pl.Expr) -> pl.Expr:
    """A text in lower case, each Burmese syllable typed in one way."""
    plain = expr.cast(pl.String).str.normalize("NFC").str.to_lowercase()
    for typed, meant in _ZERO_FOR_WA:
        plain = plain.str.replace_all(typed, meant)
    return plain


def _letters(expr: pl.Expr) -> pl.Expr:
    key = expr.str.replace_all(_NOT_LETTERS, "")
    return pl.when(key != "").then(key)
