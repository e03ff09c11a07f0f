"""GRPO over several languages: all languages of an item in one generation batch, on TRL's trainer."""
