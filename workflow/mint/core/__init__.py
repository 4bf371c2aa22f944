"""What every stage shares: result bundles, statuses, chunk arithmetic, file formats, tables."""
