"""The commands of subscriptions, one file each, named like the command."""
