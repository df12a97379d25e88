"""Mails as an inbox: the server they lie on, and what is in them. Nothing here knows the warehouse."""
