"""Messages of people, read with their rights."""
