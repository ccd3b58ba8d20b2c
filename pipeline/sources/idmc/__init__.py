"""IDMC's internal displacement updates."""
