"""Cut long BB code text: into several messages, or down to its first words."""
