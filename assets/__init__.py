"""Dagster's face of the pipeline: reads tables, calls pure functions, writes tables, reports counts; no arithmetic."""
