"""Methods about people and groups."""

from portal.api.methods.company import users, workgroups

__all__ = ["users", "workgroups"]
