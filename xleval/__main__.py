"""`python -m xleval`, and `accelerate launch -m xleval train ...`: the command line."""

from xleval.cli import main

main()
