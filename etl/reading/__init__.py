"""Bytes to sheets: any file read safely, whatever it claims to be."""
