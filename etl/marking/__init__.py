"""Marking what was found in a ward's own workbook: runs in a child process, for the file is a stranger's."""
