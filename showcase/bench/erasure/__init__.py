"""What stays in which files of a store after each way of deleting, and how long ours takes."""
