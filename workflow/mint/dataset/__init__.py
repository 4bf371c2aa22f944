"""The dataset: Parquet, MinT pickles, metadata, ledger, quality."""
