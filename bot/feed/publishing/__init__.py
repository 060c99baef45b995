"""Publishing: recipients by name, and the posts, chats and CRM cards that a command refers to."""
