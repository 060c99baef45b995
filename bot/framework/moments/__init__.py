"""Dates as people write them (`dates`), and the times at which something is done (`times`)."""
