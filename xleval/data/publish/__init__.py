"""Publishing a folder to the Hugging Face Hub: what goes, whether its card is valid, the commit, and reading it back."""
