"""What things mean: columns, tables, sources, methods, codes. Data only; imports nothing of ours but itself."""
