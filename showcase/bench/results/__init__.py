"""What a benchmark says: facts, intervals, samples as they are taken, and the run that takes them."""
