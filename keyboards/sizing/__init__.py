"""Measure keyboards, menus and attaches as a portal does."""
