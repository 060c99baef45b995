"""Clients of the emulator for tests: a person, an application, a receiver of events."""
