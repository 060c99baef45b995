"""The control interface of the page and of tests: commands, views, recorder."""
