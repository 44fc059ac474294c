"""How good replies are: sixty held-out questions to a model and, beside it, to the engine that quotes by rule."""
