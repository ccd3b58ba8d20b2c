"""What the data mean and how the numbers are made; knows neither Dagster nor Great Expectations."""
