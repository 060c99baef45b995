"""Functions for texts that people write and read: compare them, cut them, and find quotations in them."""
