"""The state of a running emulator: clock, limits, faults, event delivery and saved state."""
