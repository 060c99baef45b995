"""Upload and download files over HTTP."""
