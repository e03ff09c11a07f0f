"""The collapse monitor (D9): curves, early warnings and held-out figures of a training as it runs, from the inside."""
