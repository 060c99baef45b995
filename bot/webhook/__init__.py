"""The HTTP server that takes the portal's events."""
