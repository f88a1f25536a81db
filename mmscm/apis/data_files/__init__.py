"""Files of data sets: found in what was unpacked, put in place."""
