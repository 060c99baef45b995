"""An HTTPS proxy through which clients reach the emulator under host names of the cloud."""
