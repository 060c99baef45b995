"""The sentences of /status, a file for each language."""
