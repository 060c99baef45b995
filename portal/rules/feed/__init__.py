"""What happens to posts of the News Feed."""
