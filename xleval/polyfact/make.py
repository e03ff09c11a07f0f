"""From candidates to a set: pure in the configuration and what the source says, so any source gives the same bytes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xleval.data.parallel import in_parallel
from xleval.data.plurals import counted
from xleval.data.storage import sha256_of
from xleval.errors import DataError
from xleval.polyfact import filters, selection
from xleval.polyfact.candidates import Candidates, read_candidates
from xleval.polyfact.groups import assign_languages
from xleval.polyfact.guessable import flag_guessable
from xleval.polyfact.items import Askable, make_items, shuffle_options
from xleval.polyfact.leaks import Leak, LeakGuard
from xleval.polyfact.records import Entity, Fact, Item, Reject
from xleval.polyfact.relations import RELATIONS
from xleval.polyfact.sources import Progress, Source
from xleval.polyfact.splits import Shares, assign_splits
from xleval.polyfact.wording import HELD_OUT, Template, TemplateKey, load_templates

#: Facts that are looked at for leaks in one go.
_AT_ONCE = 1000
#: From so many facts on the work is spread over processes.
WORTH_PROCESSES = 10_000
#: The wordings of a key are in the order of their letters.
_PLACE = {letter: place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeConfig:
    """What decides which set is made of a source's candidates; the attributes are those of `build.BuildConfig`."""

    languages: tuple[str, ...]
    relations: tuple[str, ...]
    min_langs: int
    size: int | None
    seed: int
    answer_cap: float
    shares: Shares


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSet:
    """A set in memory: what is written, and what was dropped on the way.

    Attributes:
        items: of the main config, sorted by fact id, with split, orders and wording.
        leaky: items whose question shows the answer, in `test` (D16).
        recent: items whose value changed since 2018, in `test` (D18).
        entities: every subject and option, by Q-id.
        templates: every wording.
        rejects: every candidate that is no item of the main config, sorted.
        counts: candidates read, by P-id.
        single_share: share of subjects with one value, by P-id; None without subjects.
        strata: candidates with one value by the bits of the number of pages about their subject.
        changed: (subject, relation) pairs whose value changed since 2018.
        name_baseline: what the subject's name alone gives away, by relation and language (JSON values; `guessable`).
    """

    items: Sequence[Item]
    leaky: Sequence[Item]
    recent: Sequence[Item]
    entities: Mapping[str, Entity]
    templates: Mapping[TemplateKey, Sequence[Template]]
    rejects: Sequence[Reject]
    counts: Mapping[str, int]
    single_share: Mapping[str, float | None]
    strata: Mapping[int, int]
    changed: frozenset[tuple[str, str]]
    name_baseline: Mapping[str, object]

    def template(self, item: Item, lang: str) -> Template:
        """Return the wording that asks an item in a language."""
        return self.templates[item.fact.relation_pid, item.subject_kind, lang][_PLACE[item.template_letter]]


def make_set(config: MakeConfig, source: Source, progress: Progress = lambda _: None) -> MadeSet:
    """Return items with splits and orders, and every reject.

    Raises:
        DataError: nothing is left, with the most frequent reasons.
    """
    candidates = read_candidates(source, config.relations, config.languages, progress)
    rejects = list(candidates.rejects)
    templates = load_templates()
    progress("checking names")
    askable = _askable(candidates, config, templates)
    langs = _usable_langs(candidates, askable, config, rejects)
    progress("checking leaks")
    clean, leaky = _apart_from_leaky([fact for fact in candidates.facts if fact.fact_id in langs], langs, askable)
    rejects += [
        Reject(fact_id=fact.fact_id, reason=leaks[0].reason, detail=leaks[0].detail) for fact, leaks in leaky.items()
    ]
    recent = [fact for fact in clean if (fact.subject_qid, fact.relation_pid) in candidates.recent]
    rejects += [Reject(fact_id=fact.fact_id, reason="recent") for fact in recent]
    facts = sorted(set(clean) - set(recent), key=_by_id)
    asked_in, left_over = assign_languages(facts, langs, config.min_langs, config.answer_cap, config.seed)
    rejects += left_over
    facts = [fact for fact in facts if fact.fact_id in asked_in]
    if config.size is not None:
        popularity = {fact.subject_qid: askable.entities[fact.subject_qid].n_sitelinks for fact in facts}
        facts, left_over = selection.sample(facts, config.size, popularity, config.seed)
        rejects += left_over
    items = _draw(facts, asked_in, askable, config, rejects, progress)
    if not items:
        common = ", ".join(f"{reason} {count}" for reason, count in Counter(r.reason for r in rejects).most_common(3))
        read = sum(candidates.counts.values())
        raise DataError(f"no item is left of {read} candidates; most were dropped for: {common or 'nothing was read'}")
    progress("guessing from names")
    items, name_baseline = flag_guessable(items, askable.entities, config.languages, config.seed)
    asked = [item.fact for item in items]
    leaky_items = [
        replace(item, leak_langs=shown)
        for item in _aside(list(leaky), langs, asked, askable, config)
        if (shown := tuple(leak.lang for leak in leaky[item.fact] if leak.lang in item.langs))
    ]
    recent_items = _aside(recent, langs, asked, askable, config)
    used = {qid for item in (*items, *leaky_items, *recent_items) for qid in (item.fact.subject_qid, *item.option_qids)}
    return MadeSet(
        items=items,
        leaky=leaky_items,
        recent=recent_items,
        entities={qid: askable.entities[qid] for qid in sorted(used)},  # the others are most of the memory
        templates=templates,
        rejects=sorted(rejects, key=lambda reject: (reject.fact_id, reject.reason)),
        counts=candidates.counts,
        single_share=candidates.single_share,
        strata=Counter(
            askable.entities[fact.subject_qid].n_sitelinks.bit_length()
            for fact in candidates.facts
            if fact.subject_qid in askable.entities
        ),
        changed=candidates.recent,
        name_baseline=name_baseline,
    )


def _by_id(fact: Fact) -> str:
    return fact.fact_id


def _askable(
    candidates: Candidates, config: MakeConfig, templates: Mapping[TemplateKey, Sequence[Template]]
) -> Askable:
    """Return what decides which options an item can have."""
    entities, everywhere = candidates.entities, frozenset(config.languages)
    usable = {}
    for qid, entity in entities.items():
        problems = filters.name_problems(entity, config.languages, candidates.shared)
        usable[qid] = everywhere - problems.keys() if problems else everywhere
    return Askable(
        entities=entities,
        usable=usable,
        true_values=candidates.true_values,
        guard=LeakGuard(entities, templates),
        ties=candidates.ties,
    )


def _usable_langs(
    candidates: Candidates, askable: Askable, config: MakeConfig, rejects: list[Reject]
) -> dict[str, tuple[str, ...]]:
    """Return the languages in which each candidate can be asked; those with too few of them become rejects."""
    interned: dict[tuple[str, ...], tuple[str, ...]] = {}
    langs: dict[str, tuple[str, ...]] = {}
    for fact in candidates.facts:
        checked = filters.check_entities(
            fact, RELATIONS[fact.relation_pid], askable.entities, candidates.shared, config.languages, config.min_langs
        )
        if isinstance(checked, Reject):
            rejects.append(checked)
        else:
            langs[fact.fact_id] = interned.setdefault(checked, checked)
    return langs


def _apart_from_leaky(
    facts: Sequence[Fact], usable: Mapping[str, tuple[str, ...]], askable: Askable
) -> tuple[list[Fact], dict[Fact, list[Leak]]]:
    """Return the facts whose answer shows in no language, and the others with every language in which it does."""

    def leaks_of(part: range) -> list[tuple[int, list[Leak]]]:
        found = []
        for index in part:
            langs = usable[facts[index].fact_id]
            asked = askable.guard.subject(facts[index], langs)
            if leaks := askable.guard.leaks(facts[index].object_qid, asked, langs):
                found.append((index, leaks))
        return found

    parts = [range(start, min(start + _AT_ONCE, len(facts))) for start in range(0, len(facts), _AT_ONCE)]
    leaky: dict[Fact, list[Leak]] = {}
    for found in in_parallel(leaks_of, parts, size=len(facts), worth=WORTH_PROCESSES):
        leaky.update((facts[index], leaks) for index, leaks in found)
    return [fact for fact in facts if fact not in leaky], leaky


def _draw(
    facts: Sequence[Fact],
    asked_in: Mapping[str, tuple[str, ...]],
    askable: Askable,
    config: MakeConfig,
    rejects: list[Reject],
    progress: Progress,
) -> list[Item]:
    """Return the items of the main config, group by group, sorted by fact id."""
    split_of = assign_splits(facts, config.shares, config.seed)
    groups = _groups(facts, asked_in)
    # The largest first, so that no process is left with one at the end.
    order = sorted(groups, key=lambda key: -len(groups[key]))

    def draw(key: tuple[str, tuple[str, ...]]) -> tuple[list[Item], list[Reject]]:
        return _draw_group(groups[key], key[1], askable, split_of, config)

    items: list[Item] = []
    results = in_parallel(draw, order, size=len(facts), worth=WORTH_PROCESSES)
    for (pid, langs), (drawn, dropped) in zip(order, results, strict=True):
        progress(
            f"options of {pid} {RELATIONS[pid].name} in {counted(len(langs), 'language')}: {counted(len(drawn), 'item')}"
        )
        items += drawn
        rejects += dropped
    items = [replace(item, template_letter=_letter(item, config.seed)) for item in items]
    return shuffle_options(sorted(items, key=lambda item: item.fact.fact_id), config.languages, config.seed)


def _groups(
    facts: Sequence[Fact], asked_in: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, tuple[str, ...]], list[Fact]]:
    """Return facts by relation and the languages in which they are asked, sorted."""
    groups: dict[tuple[str, tuple[str, ...]], list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.relation_pid, asked_in[fact.fact_id]].append(fact)
    return dict(sorted(groups.items()))


def _draw_group(
    group: Sequence[Fact],
    langs: Sequence[str],
    askable: Askable,
    split_of: Mapping[str, str],
    config: MakeConfig,
) -> tuple[list[Item], list[Reject]]:
    """Return the items of a group and the facts that found no options.

    A fact that finds none leaves the pool, and the shares of the answers with it: the group is capped and drawn again
    until nothing is left to drop.
    """
    rejects: list[Reject] = []
    while True:
        group, capped = selection.cap_answers(group, config.answer_cap, config.seed)
        items, undrawn = make_items(group, langs, askable, split_of, config.seed)
        rejects += capped + undrawn
        if not undrawn:
            return items, rejects
        group = [item.fact for item in items]


def _aside(
    facts: Sequence[Fact],
    usable: Mapping[str, tuple[str, ...]],
    asked: Sequence[Fact],
    askable: Askable,
    config: MakeConfig,
) -> list[Item]:
    """Return the items of a config beside the main one, all in `test`, sorted by fact id; what finds no options is left out.

    Options are the answers of the main config and of this one.
    """
    asked_in, _ = assign_languages(facts, usable, config.min_langs, config.answer_cap, config.seed)
    others: dict[str, list[Fact]] = defaultdict(list)
    for fact in asked:
        others[fact.relation_pid].append(fact)
    items = [
        replace(item, split="test", template_letter=_letter(item, config.seed))
        for (pid, langs), group in _groups([fact for fact in facts if fact.fact_id in asked_in], asked_in).items()
        for item in make_items(group, langs, askable, {}, config.seed, others[pid])[0]
    ]
    return shuffle_options(sorted(items, key=lambda item: item.fact.fact_id), config.languages, config.seed)


def _letter(item: Item, seed: int) -> str:
    """Return which paraphrase asks an item: the held-out one in its test, another one by a hash elsewhere."""
    if item.split == "test_held_out_template":
        return HELD_OUT
    return "ab"[int(sha256_of([seed, "template", item.fact.fact_id])[:8], 16) % 2]
