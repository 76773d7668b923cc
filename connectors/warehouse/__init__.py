"""A warehouse beside the CRM: activities and fields of leads from SQL databases, Parquet and CSV files."""
