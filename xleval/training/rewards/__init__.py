"""Rewards of GRPO: short pure scorers of one completion each, and what gives them the form that TRL calls."""
