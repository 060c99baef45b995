"""A proxy that gives the emulator the names and certificates of the cloud."""
