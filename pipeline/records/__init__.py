"""Pure: rows of text -> typed records, each in one township, with one date and one current version.

What cannot be used is returned beside the records with its reason; nothing is dropped.
"""
