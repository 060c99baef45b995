"""Check values by the rules of a portal."""
