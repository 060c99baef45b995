"""Posts that exist already: lists of them, their readers, and the outcomes of earlier attempts to change them."""
