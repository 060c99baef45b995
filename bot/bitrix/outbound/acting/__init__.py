"""Acting for a person with an administrator's token: what the portal says about the person, and what they may do."""
