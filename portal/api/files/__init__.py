"""Upload and download of files."""
