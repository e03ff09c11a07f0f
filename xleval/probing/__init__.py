"""What is inside a model, by language: LAPE neurons, LAHIS heads, MEXA alignment, and what training did to them."""
