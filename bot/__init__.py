"""Feedbridge, the service: events go in at the door, effects come out at the sender."""
