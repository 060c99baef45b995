"""Check values as a portal reads them."""
