"""ACLED: armed conflict events, with a login."""
