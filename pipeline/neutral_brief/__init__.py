"""The arithmetic of a neutral brief, on frames: which townships, which days, how many events.

Not here: reading a home (pipeline/neutral_brief/read.py), words and looks (reports/neutral_*.py).
"""
