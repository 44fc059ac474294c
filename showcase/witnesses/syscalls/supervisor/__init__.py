"""The process that answers: it starts the command, takes each question to its answer, and ends with the command."""
