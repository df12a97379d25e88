"""Backups: the warehouse, the archive and the reference folder, kept aside and brought back."""
