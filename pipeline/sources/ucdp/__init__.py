"""UCDP GED: georeferenced events, yearly releases and monthly candidates."""
