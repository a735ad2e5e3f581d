"""What touches samples: reading netCDF in blocks and reducing them to exact bins."""
