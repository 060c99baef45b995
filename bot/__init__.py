"""Feedbridge, the service: receives events of Bitrix24 and sends effects back."""
