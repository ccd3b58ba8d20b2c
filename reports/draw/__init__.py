"""Drawings: maps, charts, shapes, and which symbol a class has."""
