"""Defines what handlers may read about single subjects; context.py joins these protocols."""
