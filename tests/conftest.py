"""Hypothesis without deadlines: the machines that run this are shared, and a slow example is not a wrong one."""

from hypothesis import settings

settings.register_profile("shared machine", deadline=None, print_blob=True, max_examples=50)
settings.load_profile("shared machine")
