"""A folder of CSV files as a source, in the forms in which users have them: Yahoo, yfinance, Stooq, Investing.com, the London fixes."""

from orebody.sources.csv.folder import file_name, files_at, read, read_dated, read_folder, read_gauges, read_table

__all__ = ["file_name", "files_at", "read", "read_dated", "read_folder", "read_gauges", "read_table"]
