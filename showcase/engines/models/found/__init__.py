"""The models that are on this machine already, wherever a program put them: looked for, and never downloaded."""
