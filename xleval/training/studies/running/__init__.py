"""A study while it runs: its steps as processes, the records by which it goes on, shards and their merging."""
