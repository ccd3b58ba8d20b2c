"""One folder a source: what it is, how its rows are read, how it is fetched."""
