"""Sentences that users read, in every language."""
