"""What the header of a GGUF file says of the model in it: read in bounded memory and time, and nothing of it is run."""
