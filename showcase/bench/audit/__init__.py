"""What watching catches and what it costs, with the usual tools beside it in the same run."""
