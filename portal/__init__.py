"""Emulate a Bitrix24 portal in one process and in memory, on the loopback interface only.

It has the REST methods, OAuth, events, limits and access rights that bots and applications use.
"""
