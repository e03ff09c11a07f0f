"""Curves of a preference training, for each direction of its pairs, and the same figures of held-out pairs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xleval.training.losses.dco import dco
from xleval.training.preference.collate import ScoredBatch


@dataclass(slots=True)
class Means:
    """Running means by name; sums and numbers are kept, so that those of several processes can be joined."""

    _sums: dict[str, float] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, values: Sequence[float]) -> None:
        """Take up some values of a name."""
        self._sums[name] = self._sums.get(name, 0.0) + sum(values)
        self._counts[name] = self._counts.get(name, 0) + len(values)

    def join(self, other: "Means") -> None:
        """Take up all values of another process."""
        for name, total in other._sums.items():
            self._sums[name] = self._sums.get(name, 0.0) + total
            self._counts[name] = self._counts.get(name, 0) + other._counts[name]

    def values(self) -> dict[str, float]:
        """Return the mean of each name, in the order of the names."""
        return {name: self._sums[name] / self._counts[name] for name in sorted(self._sums) if self._counts[name]}


def pair_figures(batch: ScoredBatch, *, beta: float) -> Iterator[tuple[str, float]]:
    """Yield (name, value) for each direction of each pair of a batch; a mean over them is a point of a curve.

    * `preference/D`: 1 where the mean log-probability of a token of the chosen answer is above that of the rejected
      one, else 0: what the model itself prefers, whichever answer is longer.
    * `reward_accuracy/D`: 1 where h(chosen) > h(rejected), see `losses.preference`; 0 before the first step.
    * `reward_margin/D`: beta (h(chosen) - h(rejected)).
    * `nll/D`: negative log-probability of the chosen answer per token, in nats.
    """
    for row, directions in enumerate(batch.directions):
        means = batch.policy.means()[row].tolist()
        ratios = (batch.policy.sums[row] - batch.reference[row]).tolist()
        for place, direction in enumerate(directions):
            good, bad = 2 * place, 2 * place + 1
            yield f"preference/{direction}", float(means[good] > means[bad])
            yield f"reward_accuracy/{direction}", float(ratios[good] > ratios[bad])
            yield f"reward_margin/{direction}", beta * (ratios[good] - ratios[bad])
            yield f"nll/{direction}", -means[good]


def agreement_figures(batch: ScoredBatch, *, beta: float) -> Iterator[tuple[str, float]]:
    """Yield (name, value) for each fact of a batch in two languages; which option is right plays no part.

    * `agreement`, and `agreement/LANG` for both languages: 1 where both prefer the same option by log p summed over its
      tokens, else 0. About one half by chance.
    * `distance`: DCO's loss, 0 where both languages are where it draws them.
    """
    sums = batch.policy.sums
    columns = [batch.answers(place) for place in range(4)]
    distances = dco((columns[0], columns[2]), (columns[1], columns[3]), beta=beta).tolist()
    agree = ((sums[:, 0] > sums[:, 1]) == (sums[:, 2] > sums[:, 3])).tolist()
    for row, directions in enumerate(batch.directions):
        yield "agreement", float(agree[row])
        yield "distance", distances[row]
        for lang in directions:
            yield f"agreement/{lang}", float(agree[row])


def held_out_figures(figures: Iterable[tuple[str, float]], *, when: str) -> Mapping[str, float]:
    """Return the means of the figures of held-out pairs, each name with `held_out/WHEN/` in front.

    Before the training (`before`) the reward is 0 by definition and is left out.
    """
    means = Means()
    for name, value in figures:
        if when != "before" or not name.startswith("reward"):
            means.add(f"held_out/{when}/{name}", [value])
    return means.values()
