"""What is computed from the indices: changes, pattern in space, scenarios, agreement of sources, editions."""
