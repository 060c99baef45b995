"""Methods about people and workgroups."""

from portal.api.methods.company import users, workgroups

__all__ = ["users", "workgroups"]
