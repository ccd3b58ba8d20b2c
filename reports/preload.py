"""Imports that the reports will need, made while a run waits for something else."""


def preload() -> None:
    """Import the rendering libraries and the pages; call it from a thread of its own."""
    import geopandas  # noqa: F401
    import pyproj  # noqa: F401
    import xlsxwriter  # noqa: F401

    import reports.site  # noqa: F401
