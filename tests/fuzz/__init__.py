"""Mutated files against readers and records: no crash, no silent loss, rows always add up.

`invented` makes a valid table of any declared format, `cells` and `structure` spoil it, `files` writes it in a
container, `damage` spoils the bytes, `cases` draws what to do; `oracle` says what must hold of a file and `settle` of
its records, which `records` makes. `planted` writes sound files whose right sums are known and `sums` says what became
of them. `python -m tests.fuzz` and `tests/unit/records/test_fuzz_*.py` use the same generators. No real
record is in any of it.
"""
