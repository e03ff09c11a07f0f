"""xleval: does a language model know and reason in every language, and what did training do to that?"""

__version__ = "0.1.0"
