"""The framework for handlers: everything that the author of a handler imports."""
