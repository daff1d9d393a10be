"""How forms lie on a sheet: one module for each layout, all of which give ``schema.LOCATED``."""
