"""Which chat model fits this machine, whether its context holds a prompt, and why a memory was not stored."""
