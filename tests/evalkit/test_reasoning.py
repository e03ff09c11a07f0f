"""Reasoning and answer: worked by hand for every way in which tags are there, missing or cut off."""

import pytest

from xleval.evalkit.reasoning import TAGS, inside_reasoning, split_reasoning

PLAIN = "Question: 3 + 4?\nAnswer:"
OPENED = "<|im_start|>user\n3 + 4?<|im_end|>\n<|im_start|>assistant\n<think>\n"
# Begin of the model's turn as the chat template of gpt-oss writes it.
HARMONY = "<|start|>system<|message|>Reasoning: medium<|end|><|start|>user<|message|>3 + 4?<|end|><|start|>assistant"


@pytest.mark.parametrize(
    ("completion", "reasoning", "answer"),
    [
        # no tag: the completion as it is, spaces and all
        ("The answer is 7.", None, "The answer is 7."),
        (" 7\n", None, " 7\n"),
        ("", None, ""),
        ("<b>7</b> <thinker> < think > <THINK>", None, "<b>7</b> <thinker> < think > <THINK>"),
        # one trace
        ("<think>3 + 4 = 7</think>7", "3 + 4 = 7", "7"),
        ("<think>\n3 + 4\n\nis 7\n</think>\n\nThe answer is 7.\n", "3 + 4\n\nis 7", "The answer is 7."),
        ("<thinking>3 + 4</thinking> 7", "3 + 4", "7"),
        ("<reasoning>3 + 4</reasoning> 7", "3 + 4", "7"),
        ("<think>3 + 4</thinking> 7", "3 + 4", "7"),
        ("<think>3 + 4</think>", "3 + 4", ""),
        # opened and left empty, as models do that were asked not to think
        ("<think>\n\n</think>\n\n7", "", "7"),
        ("<think></think>", "", ""),
        # cut off
        ("<think>3 + 4 is", "3 + 4 is", ""),
        ("<think>", "", ""),
        ("Let me see. <think>3 + 4 is", "Let me see.\n\n3 + 4 is", ""),
        # several: joined; the answer stands after the last, what is between belongs to no answer
        ("<think>a</think><think>b</think>7", "a\n\nb", "7"),
        ("<think>a</think> 8? <think>b</think> 7", "a\n\n8?\n\nb", "7"),
        ("<think>a</think> 8 <think>b", "a\n\n8\n\nb", ""),
        ("<think>a <think>b</think> c</think> 7", "a\n\nb\n\nc", "7"),
        ("<think>a</think> 7</think> 8", "a\n\n7", "8"),
        # before the first
        ("Let me see. <think>a</think> 7", "Let me see.\n\na", "7"),
        # the opening tag was in a prompt that is not known
        ("3 + 4 = 7</think>7", "3 + 4 = 7", "7"),
        ("</think>7", "", "7"),
        ("\n</think>\n", "", ""),
        # letters of other scripts, and no special treatment of other tags
        ("<think>三加四等于七</think><answer>七</answer>", "三加四等于七", "<answer>七</answer>"),
    ],
)
def test_completion_of_a_plain_prompt(completion, reasoning, answer):
    assert split_reasoning(completion, PLAIN) == (reasoning, answer)
    assert split_reasoning(completion, "") == (reasoning, answer)


@pytest.mark.parametrize(
    ("completion", "reasoning", "answer"),
    [
        ("3 + 4 = 7\n</think>\n\n7", "3 + 4 = 7", "7"),
        ("3 + 4 is", "3 + 4 is", ""),
        ("", "", ""),
        ("</think>7", "", "7"),
        # a model that opens once more what the template has opened
        ("<think>\na</think> 7", "a", "7"),
        ("a</think> 8 <think>b</think> 7", "a\n\n8\n\nb", "7"),
        ("a</think> 8 <think>b", "a\n\n8\n\nb", ""),
    ],
)
def test_completion_of_a_prompt_that_opens_the_trace(completion, reasoning, answer):
    assert split_reasoning(completion, OPENED) == (reasoning, answer)
    assert split_reasoning(completion, f"{OPENED}Okay, I will think in English.") == (reasoning, answer)


@pytest.mark.parametrize(
    ("prompt", "inside"),
    [
        ("", False),
        (PLAIN, False),
        (OPENED, True),
        (OPENED.rstrip(), True),
        ("Assistant: <think>", True),
        ("<think> \n", True),
        ("<thinking>\r\n", True),
        ("<reasoning>\n", True),
        # a prefill goes on in the trace, or ends it
        (f"{OPENED}Okay, I will think in English.", True),
        (f"{OPENED}\n</think>\n\n", False),
        (f"{OPENED}a\n</think>\n\nThe answer", False),
        # an earlier turn of the conversation
        ("<think>\na\n</think>\n7<|im_end|>\n<|im_start|>assistant\n", False),
        ("<think>\na\n</think>\n7<|im_end|>\n<|im_start|>assistant\n<think>\n", True),
        # instructions mention tags within a line
        ("Think inside <think> tags.\nQuestion: 3 + 4?\n", False),
        ("Reason within <think> </think> tags.\nAssistant: <think>\n", True),
        ("Answer like this:\n<reasoning>\n...\n</reasoning>\n<answer>\n...\n</answer>\n", False),
    ],
)
def test_prompt_ends_within_a_trace(prompt, inside):
    assert inside_reasoning(prompt) is inside


# Both forms of the same text: with the special tokens of gpt-oss, and decoded without them.
@pytest.mark.parametrize(
    ("completion", "reasoning", "answer"),
    [
        (
            "<|channel|>analysis<|message|>3 + 4 = 7<|end|><|start|>assistant<|channel|>final<|message|>It is 7.<|return|>",
            "3 + 4 = 7",
            "It is 7.",
        ),
        ("analysis3 + 4 = 7assistantfinalIt is 7.", "3 + 4 = 7", "It is 7."),
        ("analysisaassistantanalysisbassistantfinal7", "a\n\nb", "7"),
        ("<|channel|>analysis<|message|>3 + 4 is", "3 + 4 is", ""),
        ("analysis3 + 4 is", "3 + 4 is", ""),
        ("<|channel|>final<|message|>7<|return|>", None, "7"),
        ("final7", None, "7"),
    ],
)
def test_channels_of_gpt_oss(completion, reasoning, answer):
    assert split_reasoning(completion, HARMONY) == (reasoning, answer)
    if completion.startswith("<|"):  # they tell by themselves
        assert split_reasoning(completion, "") == (reasoning, answer)
    else:
        assert split_reasoning(completion, "") == (None, completion)


def test_prefilled_channel_of_gpt_oss():
    prompt = f"{HARMONY}<|channel|>analysis<|message|>Okay, I will think in English."
    assert inside_reasoning(prompt)
    assert not inside_reasoning(HARMONY)
    assert not inside_reasoning(f"{prompt}<|end|><|start|>assistant<|channel|>final<|message|>")
    assert split_reasoning(" 3 + 4 = 7assistantfinal7", prompt) == ("3 + 4 = 7", "7")
    assert split_reasoning("assistantfinal7", prompt) == ("", "7")
    assert split_reasoning("final step: 3 + 4 is", prompt) == ("final step: 3 + 4 is", "")
    assert split_reasoning("analysis of 3 + 4assistantfinal7", prompt) == ("analysis of 3 + 4", "7")


def test_every_tag_is_known_to_the_script_mask_and_read():
    assert TAGS == ("<think>", "</think>", "<thinking>", "</thinking>", "<reasoning>", "</reasoning>")
    for opening, closing in zip(TAGS[::2], TAGS[1::2], strict=True):
        assert split_reasoning(f"{opening}a{closing}7", "") == ("a", "7")
        assert inside_reasoning(f"{opening}\n")
        assert not inside_reasoning(f"{opening}\n{closing}\n")


def test_many_tags_take_no_quadratic_time():
    n = 20_000
    reasoning, answer = split_reasoning("<think>a</think>b" * n, "<think>\n" * n)
    assert answer == "b"
    assert reasoning is not None
    assert reasoning.count("a") == n
    assert reasoning.count("b") == n - 1
