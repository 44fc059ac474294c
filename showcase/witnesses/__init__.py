"""Those who watch: each sees something else, and says what it cannot see."""
