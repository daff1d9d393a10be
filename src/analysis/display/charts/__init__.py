"""Charts: one module for each kind of data; ``figure`` and ``svg`` are what they share."""
