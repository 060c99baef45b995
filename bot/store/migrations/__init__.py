"""Numbered migrations: 0001_name.sql and so on, each applied once, in one transaction."""
