"""Other people's tests, unmodified, with the emulator: `python -m tests.clients.suites`."""
