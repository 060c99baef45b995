"""Dates and times as people write them: days with a meaning of their own (`dates`), and when something is done (`times`)."""
