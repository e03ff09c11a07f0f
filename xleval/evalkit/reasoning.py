"""The reasoning trace in a completion, told from the answer after it.

Tags are `<think>`, `<thinking>` and `<reasoning>`; gpt-oss writes channels instead, which are read as such tags.
"""

import re

_NAMES = ("think", "thinking", "reasoning")
#: Every tag that opens or closes a trace.
TAGS = tuple(f"<{slash}{name}>" for name in _NAMES for slash in ("", "/"))

_TAG = re.compile(f"<(/?)(?:{'|'.join(_NAMES)})>")
# The last opening tag that ends its line; one that is mentioned in an instruction stands within a line.
_OPENED = re.compile(rf"<(?:{'|'.join(_NAMES)})>[^\S\n]*(?:\n|\Z)")
_CLOSED = re.compile(rf"</(?:{'|'.join(_NAMES)})>")

# gpt-oss: a message is "<|channel|>NAME<|message|>TEXT<|end|>", another turn of the model begins with
# "<|start|>assistant". Decoded without special tokens, only "NAMETEXTassistantNAMETEXT" is left of it.
_TURN = "<|start|>assistant"
_ANALYSIS = "<|channel|>analysis<|message|>"
_END = re.compile(r"<\|(?:end|return)\|>")
_CHANNEL = re.compile(r"(?:\A|(?:<\|start\|>)?assistant)(?:<\|channel\|>)?(?P<name>analysis|final)(?:<\|message\|>)?")


def split_reasoning(completion: str, prompt: str) -> tuple[str | None, str]:
    """Return the reasoning trace in a completion, and the answer after it.

    Everything before the last closing tag is reasoning, also where an opening tag is missing or text stands between two
    traces; the answer is what follows. Where the last tag opens, the model was cut before it answered: all is reasoning
    and the answer is empty. Tags belong to neither, and both are without spaces at their ends.

    Args:
        completion: what the model wrote.
        prompt: what it was given, with chat template and prefill: it may end within a trace (see `inside_reasoning`).
            Of gpt-oss, it also tells that channels are to be read.

    Returns:
        The trace, empty where one was opened and nothing written, or None where there is no tag at all; and the answer,
        which then is the completion as it is.
    """
    text = _as_tags(completion, prompt)
    tags = list(_TAG.finditer(text))
    opened = inside_reasoning(prompt)
    if not tags and not opened:
        return None, text
    closing = [tag for tag in tags if tag[1]]
    still_open = not tags[-1][1] if tags else opened
    end = len(text) if still_open else closing[-1].start()
    pieces = (piece.strip() for piece in _TAG.split(text[:end])[::2])
    return "\n\n".join(filter(None, pieces)), "" if still_open else text[closing[-1].end() :].strip()


def inside_reasoning(prompt: str) -> bool:
    """Return whether a prompt ends within a reasoning trace, so that its completion begins in it.

    Chat templates of reasoning models end in an opening tag and a line break; a prefill may follow. An opening tag
    counts at the end of a line only, so that instructions that mention one do not.
    """
    if _TURN in prompt:
        turn = prompt.rpartition(_TURN)[2]
        return turn.startswith(_ANALYSIS) and not _END.search(turn)
    opened = [tag.start() for tag in _OPENED.finditer(prompt)]
    closed = [tag.start() for tag in _CLOSED.finditer(prompt)]
    return bool(opened) and (not closed or opened[-1] > closed[-1])


def _as_tags(completion: str, prompt: str) -> str:
    """Return a completion with the channels of gpt-oss as tags; that of any other model as it is."""
    if _TURN not in prompt and not completion.startswith("<|channel|>"):
        return completion
    inside = inside_reasoning(prompt)

    def tag(channel: re.Match[str]) -> str:
        if inside and channel[0] == channel["name"]:  # the first word of a trace that goes on
            return channel[0]
        if channel["name"] == "analysis":
            return "<think>"
        return "</think>" if channel.start() or inside else ""

    return _END.sub("", _CHANNEL.sub(tag, completion))
