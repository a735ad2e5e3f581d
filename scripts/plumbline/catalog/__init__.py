"""What OOI has: streams found by words, with what can be said of them, ready to be pasted into a configuration."""
