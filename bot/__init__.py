"""Feedbridge, the service: receives events of Bitrix24, and sends messages and posts back."""
