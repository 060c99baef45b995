"""Publishing: finds recipients by name, and reads references to posts, chats and CRM cards."""
