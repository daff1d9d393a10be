"""What the bytes of a file say beside its values: how many cells, what is shown, what is hidden."""
