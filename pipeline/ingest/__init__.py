"""One module per file format: file -> frame of text that only mirrors the source.

Nothing is interpreted here: dates, numbers and places are read in `pipeline.records`, where a row that
cannot be read is set aside with its reason.
"""
