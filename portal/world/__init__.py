"""The data of a portal: frozen rows in typed stores, all in memory."""
