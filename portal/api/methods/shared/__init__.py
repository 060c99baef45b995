"""Helpers that several families of methods share."""
