"""The national brief: two A4 pages in English and in Burmese."""
