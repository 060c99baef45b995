"""The running emulator: its clock, limits, faults, event delivery and saved state."""
