"""Split long BB code into several messages, or shorten it to its first words."""
