"""Whether the rows that answer a question are found, judged by their ids: no model judges anything."""
