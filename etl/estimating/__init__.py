"""The parts of an estimate: bounds, a month that is not in, and the words for what it rests on."""
