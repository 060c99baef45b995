"""Exit codes of the process."""

OK = 0
FAILED = 1
MISCONFIGURED = 2
"""Also the code of argparse for a wrong command line."""
