"""Reads what Bitrix24 sends to us."""
