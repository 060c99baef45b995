"""Publishing: recipients by name, and references to posts, chats and CRM cards."""
