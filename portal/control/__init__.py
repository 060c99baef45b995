"""The control API of the web page and of tests: commands, views, recorder."""
