"""Reads workbooks (XLSX, XLS, ODS, XML 2003, HTML tables)."""
