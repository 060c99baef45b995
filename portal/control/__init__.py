"""The control API for the web page and tests: commands, views of the data, and a recorder of sessions."""
