"""Clients of the emulator for tests: a person, a REST client, a receiver of events."""
