"""What a store costs as it grows: in one collection, in one a user, by Chroma alone, and by exact search."""
