"""What a study costs before it is run: GPU hours, memory and disk of every step."""
