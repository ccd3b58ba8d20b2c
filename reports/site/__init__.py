"""The report's pages: one module a page or a part that several pages show."""
