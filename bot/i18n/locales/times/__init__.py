"""Sentences about drafts, dates and settings."""
