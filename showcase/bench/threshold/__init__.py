"""From which cosine on a memory answers a question: chosen on some sets of made-up people, judged on another."""
