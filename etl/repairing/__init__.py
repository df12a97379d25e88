"""What the repair is made of: slips of the hand, what they leave, and how likely each is."""
