"""The sentences about polls and thanks."""
