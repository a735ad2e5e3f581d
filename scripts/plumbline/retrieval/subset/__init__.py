"""Only the variables that are needed, out of a remote netCDF-4 file, by HTTP ranges."""
