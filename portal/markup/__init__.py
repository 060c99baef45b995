"""The portal's own ruler: the normal form of ATTACH, KEYBOARD and MENU, its weight (reference: behaviour 1-3)."""
