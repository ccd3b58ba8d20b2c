"""Words: the catalogue of both languages, values as text, fonts."""
