"""What keeps an order and its files: records, waiting, downloads."""
