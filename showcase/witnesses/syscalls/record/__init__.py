"""What is written down of a call, and what the witness says of it in the end."""
