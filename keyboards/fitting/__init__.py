"""Make a message fit the limits of a portal by removing the least important pieces."""
