"""Model servers. Only `ollama.py` imports the ollama package."""
