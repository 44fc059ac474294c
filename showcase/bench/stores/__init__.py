"""What each store keeps apart, shows, loses, forgets and costs: stock mem0 on it, and our own reading beside it."""
