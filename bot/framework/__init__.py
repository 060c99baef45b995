"""What the author of a handler imports."""
