"""Mutated files against readers and records: no crash, no silent loss, rows always add up.

`invented` makes a valid table of any declared format, `cells` and `structure` spoil it, `files` writes it in a
container, `damage` spoils the bytes, `cases` draws what to do; `oracle` says what must hold of a file and `settle` of
its records, which `records` makes. `python -m benchmarks.fuzz` and `tests/unit/records/test_fuzz_files.py` use the
same generator. No real record is in any of it.
"""
