"""Event files of any size counted by township and day on an existing engine (Daft, on one machine or on Ray).

The extra `scale` is needed for this room alone, and nothing of it is imported by a run.
"""
