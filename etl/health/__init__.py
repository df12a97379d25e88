"""What is configured, reachable and behind: one look at an installation, each part of it by a check of its own."""
