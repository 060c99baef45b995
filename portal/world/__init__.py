"""What a portal remembers: frozen rows in typed stores, all in memory."""
