"""The normal form of ATTACH, KEYBOARD and MENU, as Bitrix24 stores them, and its size (reference: behaviour 1-3).

The emulator has its own implementation, so that it does not repeat mistakes of the bots that it tests.
"""
