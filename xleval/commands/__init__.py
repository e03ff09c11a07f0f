"""The commands of `xleval`: each parses, calls one function of the package and prints."""
