"""The medicine: scores, recommendations and verdicts as pure polars. No files, no database, no Prefect."""
