"""Training on preferences between answers: `clo`, `dco` and `cm-align` differ in their pairs and their loss."""
