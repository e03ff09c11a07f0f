"""What the figures of a study do not say: every refused claim once, with all its reasons."""

from collections.abc import Iterable, Mapping
from typing import Any

from xleval.evalkit.claims import CLAIMS, RECOVERY_CONTROLS, Refusal, irreversible, method, reproduction
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.published.table import PUBLISHED, UNSTATED
from xleval.training.studies.sections.figures import runs_of


def claims_section(found: Found) -> Section:
    """Return what must not be said of the study's figures; claims that it may make are not named."""
    return Section(
        name="claims", title="What these figures do not say", refused=tuple(refused_of(found)),
        lines=("Each sentence is one that a reader might write, with the reason why the figures do not carry it",),
    )  # fmt: skip


def refused_of(found: Found) -> list[Refusal]:
    """Return the refused claims of the whole study, in the order of docs/claims.md; the reasons of one stand together.

    `c` is asked of the study of collapse: an arm is a control of it by its fact `control`, one of `RECOVERY_CONTROLS`.
    """
    options = found.plan.options
    second_hand = any(each.tag == "S" for each in PUBLISHED if each.study == options.study)
    refusals = [
        reproduction(unstated=UNSTATED[options.study], budget=options.budget, second_hand=second_hand),
        method(trained_seeds(found)),
        irreversible(_controls(found)) if options.study == "collapse" else None,
        *([] if options.budget == "full" else _of_a_full_study(options.study)),
        _public(),
    ]
    every = [each for each in refusals if each is not None]
    # What a comparison says of single checkpoints is said of the whole study above.
    every += [each for part in _parts(found) for each in part if each.letter != "b"]
    reasons: dict[tuple[str, str], dict[str, None]] = {}
    for refusal in every:
        reasons.setdefault((refusal.letter, refusal.claim), {})[refusal.reason] = None
    order = [*CLAIMS, ""]
    ordered = sorted(reasons, key=lambda key: order.index(key[0]) if key[0] in order else len(order))
    return [Refusal(letter=key[0], claim=key[1], reason="; ".join(reasons[key])) for key in ordered]


def trained_seeds(found: Found) -> Mapping[str, int]:
    """Return label -> evaluated training seeds, of the arms that are trained."""
    arms = [arm for arm in found.plan.arms if arm.kind]
    return {arm.label: n for arm in arms if (n := len(runs_of(found, arm.name)))}


def _controls(found: Found) -> list[str]:
    """Return the controls of the recovery that were evaluated in every language that was trained in."""
    there = {
        (arm.facts["control"], arm.facts.get("lang"))
        for arm in found.plan.arms
        if "control" in arm.facts and runs_of(found, arm.name)
    }
    langs = {arm.facts.get("lang") for arm in found.plan.arms if arm.kind}
    return [control for control in RECOVERY_CONTROLS if all((control, lang) in there for lang in langs)]


def _of_a_full_study(study: str) -> list[Refusal]:
    """Return the claims that a study is made for, and that a small run of it never carries."""
    letter = {"collapse": "c", "parallel-scaling": "d"}.get(study)
    return [Refusal(letter=letter, claim=CLAIMS[letter], reason="the budget was smoke")] if letter else []


def _public() -> Refusal:
    return Refusal(letter="g", claim=CLAIMS["g"], reason="a public set may be in any model's training data")


def _parts(found: Found) -> Iterable[list[Refusal]]:
    """Return the refusals that comparisons, transfer figures, probes and judges hold themselves."""
    for comparison in found.comparisons.values():
        yield _read(comparison["refused"])
    for transfer in found.transfers.values():
        yield _read(each for each in transfer["refused"] if each["letter"])  # others stand beside the figures
    for probe in found.probes.values():
        yield _read(probe["refused"])
    for judged in found.judged.values():
        yield _read(judged["refused"])


def _read(refused: Iterable[Mapping[str, Any]]) -> list[Refusal]:
    return [
        Refusal(letter=each["letter"] or "", claim=each["claim"], reason=_about(each) + each["reason"])
        for each in refused
    ]  # fmt: skip


def _about(refused: Mapping[str, Any]) -> str:
    """Return whose refusal it is, where it is one run's."""
    return f"{refused['arm']}: " if refused.get("arm") else ""
