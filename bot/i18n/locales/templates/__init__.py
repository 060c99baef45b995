"""Sentences about templates."""
