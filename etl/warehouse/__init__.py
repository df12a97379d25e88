"""What is read from and written to the warehouse, below the hops."""
