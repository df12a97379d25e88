"""A published statement beside the town's dataset: where they differ, and what most probably made the difference."""
