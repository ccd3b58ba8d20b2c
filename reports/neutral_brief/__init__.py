"""The neutral brief as page and PDF: figures and codes in a fixed vocabulary."""
