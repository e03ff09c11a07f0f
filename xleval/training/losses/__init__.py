"""The losses of training: pure functions of tensors, with their formulas, shapes and sources."""
