"""Files for machines and spreadsheets: tables, workbook, HXL, metadata, changes since the last release."""
