"""The arithmetic of a neutral brief, on frames: which townships, which days, how many events.

What is said of them and how it looks stands in reports/neutral_brief.
"""
