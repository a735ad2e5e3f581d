"""Products: depth, tide, uplift, drift, events and forecasts, as functions of arrays.

Nothing in this package reads or writes a file: the rules' scripts do. Times are milliseconds since
1970 (int64); what is missing is NaN; depth and height are up positive, so a seafloor that falls has a
depth that becomes more negative.
"""
