"""Labs: a question, a prediction, something to break by hand, and a look at the real state that came of it."""
