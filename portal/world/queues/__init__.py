"""Events that wait to be fetched by applications."""
