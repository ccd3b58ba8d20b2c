"""For consumers: everything a release folder holds that is made from the published tables alone.

Tables, workbook, geodata, maps, web pages and the data package; `assets/release.py` has them written, in two processes.
Not here: arithmetic on records (pipeline.indices), the database file, the manifest and the checks.
"""
