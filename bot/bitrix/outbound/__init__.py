"""Calls Bitrix24 and reads its answers."""
