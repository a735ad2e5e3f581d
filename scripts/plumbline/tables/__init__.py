"""What turns bins into tables: resampling, CSV, metadata."""
