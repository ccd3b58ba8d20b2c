"""Hypothesis without deadlines: the machines that run this are shared, and a slow example is not a wrong one."""

from hypothesis import settings

settings.register_profile("shared machine", deadline=None, print_blob=True)
settings.load_profile("shared machine")
