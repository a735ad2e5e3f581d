"""Ways to the data beside orders: what turns a chunk into netCDF files and records."""
