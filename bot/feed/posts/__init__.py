"""Posts that exist already: read, changed, listed and shown for a person who asks."""
