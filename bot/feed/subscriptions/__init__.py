"""What dialogs follow: rules that combine, how people write them, how they read, and who may change them."""
