"""Dagster's face of the pipeline: reads tables, calls the pure functions, writes tables, reports counts; no arithmetic."""
