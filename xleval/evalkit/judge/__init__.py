"""A judge: two runs' answers to the same open questions, compared by a third model (research demand D6).

`schema` is the shape of what `xleval judge` writes.
"""
