"""The HTTP routes that other programs call. Names and shapes are fixed; adding is free."""
