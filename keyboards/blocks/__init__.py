"""The blocks of an ATTACH."""
