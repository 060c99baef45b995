"""The HTTP server that receives the portals' events."""
