"""What a chat keeps its memories in, behind one Protocol: `interface.Backend`."""
