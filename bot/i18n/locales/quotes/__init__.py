"""The sentences about quoted messages, a file for each language."""
