r"""KLAR-CLC: 2,619 facts of 20 relations, asked by a sentence that ends in "The answer is:", answered freely.

* Source: Wang et al. 2025, arXiv 2504.04264; files `LANG/RELATION.json` as in github.com/jvonrad/Lost-in-Mistranslation
  3ca0eea, `datasets/KLAR-CLC`; no licence is stated. 17 languages, of which those of xleval's table are asked.
* Items: `index` is the row (from 0) of BMLAMA-17 whose subject, object and candidates an item has; all 2,619 were compared,
  so that KLAR and BMLAMA are one source (D21). The item id is relation and index.
* Prompt: the second of five templates, three examples of the same relation and language and 10 tokens up to the end of the
  line, greedy, as the study's `evaluate/evaluate_klar.py` does. Like there the mask is taken out and what stands after it
  stays, so that some templates end in "The answer is:."; the published prompt then ends in a space, an odd start for
  tokenisers that write a space with the word after it (19.7 % of one base model's answers begin with a digit). Hence two
  spacings: `klar` with the final space, as published, and `klar_nospace` without.
* Deviation: the examples of a relation are drawn once, by hash of the item id, and are the same items in every language and
  for every question (an item is never its own example). The published ones are drawn anew for each question, by a seed
  that makes them depend on the list of languages.
* Facts: `relation_id` of a file and the English subject of a row. With `--data polyfact=SET` the items whose property and
  subject the English training split of the set has are the group `trained_fact` = `yes`, all others `no` (D24), the same
  in every language; the study tells contaminated items apart by a list of its own.
* Score: KLAR's lenient rule, `evalkit.names_match.is_named`.
* `klar_templates` asks all five templates, to be grouped by `template_id`. `klar_choice` scores the 6 to 10 candidates by
  log-probability per byte after the text before the mask, without examples, for RankC; it is ours. Candidates are joined
  by position. In ar and ja 85 items (67 of `capital`) have other wrong candidates than in the other languages, which lowers
  agreement on them; the right answer is the last one everywhere.
* A conversation shows the same text and asks for a short answer; labels of a scaffold and `--cot` play no part. Its 10
  tokens cut a whole sentence: `--gen max_tokens=64` for models that write one.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from xleval.errors import ConfigError
from xleval.evalkit.prompts import chat_conversation, continuation, fact_conversation, prompt_words
from xleval.evalkit.requests import ChoiceRequest, GenerateRequest, Prompt, Sampling
from xleval.evalkit.task import Task, TaskItem, TaskOptions
from xleval.tasks.klar_facts import PUBLISHED_TEMPLATE, Cut, as_published, before_mask, load
from xleval.tasks.verdicts import score_by_byte, score_name

ALL_TEMPLATES = (0, 1, 2, 3, 4)


def exemplars(
    folder: Path | None,
    languages: Sequence[str],
    n: int,
    templates: Sequence[int] = (PUBLISHED_TEMPLATE,),
    cut: Cut = as_published,
) -> dict[str, list[TaskItem]]:
    """Return `n` + 1 facts of every relation and template, by hash of the item id: one more, as none is its own example.

    Raises:
        ConfigError: a relation has fewer.
        DataError: as in `load`.
    """
    pools: dict[str, list[TaskItem]] = {}
    for lang, items in load(folder, languages, templates, cut).items():
        ordered = sorted(items, key=lambda item: (_kind(item), sha256(item.item_id.encode()).digest()))
        pools[lang] = []
        for (relation, _), same in groupby(ordered, key=_kind):
            pool = list(same)[: n + 1]
            if len(pool) <= n:
                raise ConfigError(f"klar: {relation} has {len(pool)} facts in {lang}; --shots {len(pool) - 1} or fewer")
            pools[lang] += pool
    return pools


def _kind(item: TaskItem) -> tuple[str, str]:
    return item.groups["relation"], item.groups["template_id"]


def _own_examples(item: TaskItem, shots: Sequence[TaskItem]) -> list[TaskItem]:
    """Return the examples of an item's relation and template without itself, as many for each item."""
    same = [shot for shot in shots if _kind(shot) == _kind(item)]
    return [shot for shot in same if shot.item_id != item.item_id][: max(len(same) - 1, 0)]


def ask_freely(
    item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem], *, task: str, final_space: bool
) -> GenerateRequest:
    """Return the request of an answer to one line; in a conversation there is no final space."""
    worked = [(shot.question, shot.gold) for shot in _own_examples(item, shots)]
    if options.chat:
        prompt: Prompt = chat_conversation(item.question, lang, worked, "direct", options.system_prompt, ask="name")
    else:
        lines = "".join(f"{question} {gold}\n" for question, gold in worked)
        prompt = f"{lines}{item.question}{' ' if final_space else ''}"
    return GenerateRequest(
        key=f"{task}/{lang}/{item.item_id}",
        prompt=prompt,
        sampling=options.sampling,
        stop=() if options.chat else ("\n",),
        script_mask=options.language_of(options.script_mask, lang),
    )


def ask_candidates(item: TaskItem, lang: str, options: TaskOptions, shots: Sequence[TaskItem]) -> ChoiceRequest:
    """Return the scoring request of an item's candidates; without a question, after the bare answer label."""
    worked = [(shot.question, shot.gold) for shot in _own_examples(item, shots)]
    asked = item.question or prompt_words(lang).answer_label
    space = options.option_space
    if options.chat:
        context: Prompt = fact_conversation(asked, lang, "none", worked, options.system_prompt)
        space = "never" if space == "auto" else space
    else:
        context = "".join(f"{question}{continuation(gold, lang, space)}\n" for question, gold in worked) + asked
    return ChoiceRequest(
        key=f"klar_choice/{lang}/{item.item_id}",
        context=context,
        continuations=tuple(continuation(choice, lang, space) for choice in item.choices),
    )


KLAR = Task(
    name="klar",
    version=1,
    kind="generation",
    follows_cot=False,
    summary="facts of 20 relations, answered freely after three examples; label with a space, as published",
    reference="arXiv 2504.04264; github.com/jvonrad/Lost-in-Mistranslation 3ca0eea, evaluate/evaluate_klar.py",
    load=load,
    request=partial(ask_freely, task="klar", final_space=True),
    score=partial(score_name, rule="published"),
    exemplars=exemplars,
    default_shots=3,
    languages=("en", "ar", "es", "ru", "fr", "ja", "zh", "ko", "uk", "vi"),
    group="facts",
    sampling=Sampling(max_tokens=10),
    derived_from=("bmlama17", "mlama"),
    facts_in="polyfact",
    verified="jvonrad/Lost-in-Mistranslation 3ca0eea, datasets/KLAR-CLC",
)

KLAR_NOSPACE = replace(
    KLAR,
    name="klar_nospace",
    summary="the same, label without a space at the end of the prompt",
    request=partial(ask_freely, task="klar_nospace", final_space=False),
    data_of="klar",
)

KLAR_TEMPLATES = replace(
    KLAR_NOSPACE,
    name="klar_templates",
    summary="the same in all five wordings, label without a space",
    load=partial(load, templates=ALL_TEMPLATES),
    exemplars=partial(exemplars, templates=ALL_TEMPLATES),
    request=partial(ask_freely, task="klar_templates", final_space=False),
)

KLAR_CHOICE = replace(
    KLAR,
    name="klar_choice",
    kind="choice",
    summary="the same facts with 6 to 10 hidden options; log-probability per byte",
    load=partial(load, cut=before_mask),
    exemplars=partial(exemplars, cut=before_mask),
    request=ask_candidates,
    score=score_by_byte,
    default_shots=0,
    sampling=Sampling(),
    data_of="klar",
)

#: The other ways to ask; run when they are named, on the folder of `--data klar=DIR`.
PARTS = (KLAR_NOSPACE, KLAR_TEMPLATES, KLAR_CHOICE)
