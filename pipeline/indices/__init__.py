"""The indices: pure maths on frames, from placed records to the published tables.

Belongs here: whatever turns records.* into indices.* and the computed published.* tables. Functions take
frames and a method and return a new frame. Does not belong here: reading or writing storage, placing
records, thresholds (methods.py), meanings of columns (columns.py).
"""
