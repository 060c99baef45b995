"""Holds numbered migrations (0001_name.sql and so on); each is applied once, in one transaction."""
