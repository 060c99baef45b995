"""Texts that people write and read: compared, cut, and what of them is only quoted."""
