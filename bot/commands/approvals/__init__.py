"""The commands about approvals: what waits, and how it is decided."""
