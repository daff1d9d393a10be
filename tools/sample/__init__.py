"""The illustrative periods and editions, made by machine from a seed."""
