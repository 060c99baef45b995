"""Make a message fit its limits by giving up what matters least."""
