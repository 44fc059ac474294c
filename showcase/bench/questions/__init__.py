"""Made-up people, their facts, and questions about them: to choose by one set, and to judge by another."""
