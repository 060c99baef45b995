"""The CRM of a portal: its cards are read, and texts and files are written to them."""
