"""The comparison: methods in columns, samples or layers in rows."""
