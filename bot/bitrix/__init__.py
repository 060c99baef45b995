"""Talks to Bitrix24; the only package with the names that Bitrix24 uses."""
