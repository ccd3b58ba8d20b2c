"""For consumers: everything a release folder holds that is made from the published tables alone.

Tables, workbook, geodata, maps, web pages and the data package; `release.build_all` writes them all.
Not here: arithmetic on records (pipeline.indices), the database file, the manifest and the checks.
"""
