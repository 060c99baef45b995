"""The commands of a draft: prepare a post, see it, publish it or put it away."""
