"""`xleval probe`: looks into every model in turn, then sets the two arms side by side and writes the folder.

What is measured of a model and language is kept on disk at once, so a probe that was stopped goes on behind it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from xleval.errors import ConfigError, XlevalError
from xleval.evalkit.probe_schema import Kind, ProbedModelJson, ProbeJson
from xleval.probing.changes import weights_of_units
from xleval.probing.findings import Asked, Looked, head_of, looked_into
from xleval.probing.folder import (
    MEASURED,
    NamedModel,
    claim,
    named_models,
    read_probe,
    release,
    settings_of,
    summary_tables,
    write_pages,
    write_probe,
)
from xleval.probing.instruments import Instrument, instrument_of
from xleval.probing.model import loaded
from xleval.probing.options import ProbeOptions
from xleval.probing.texts import ParallelText

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What a probe is asked, where it runs and writes, and who is told."""

    asked: Asked
    out: Path
    device: str
    device_map: str | None
    say: Callable[[str], None]
    count: Callable[[int, int], None]


def probe(
    kind: Kind, models: Sequence[str], against: Sequence[str], text: ParallelText, options: ProbeOptions, out: Path, *,
    resume: bool = False, dtype: str = "auto", device: str = "auto", device_map: str | None = None,
    say: Callable[[str], None] = lambda _: None, count: Callable[[int, int], None] = lambda _done, _total: None,
) -> ProbeJson:  # fmt: skip
    """Look into models and write `probe.json`, tables, figures and a report; return what `probe.json` holds.

    Args:
        models: checkpoints of the first arm; several are its training seeds.
        against: those of the second arm; empty for no comparison.
        text: sentences in two languages or more; the last `options.knock_out` are kept for the check.
        out: a new folder, or with `resume` one that holds the same probe.
        say: is told each step.
        count: is told how many sentences of a step are done, and of how many.

    Raises:
        ConfigError: wrong options, the same model twice, models of unlike sizes, a folder that holds something else.
        DataError, BackendError, MissingExtra: as `inspect_checkpoint`, `loaded` and the folder's files.
    """
    measured, held_out = _split(kind, text, options)
    named = named_models(models, against, dtype=dtype, device=device, device_map=device_map)
    _check_configurations(named)
    config = {
        "kind": kind, "langs": list(text.langs), "settings": settings_of(kind, options), "text": text.sha256,
        "models": [{"name": m.name, "arm": m.arm, "sha256": m.checkpoint.sha256, "dtype": m.dtype} for m in named],
    }  # fmt: skip
    if claim(out, config, resume=resume):
        say(f"{out} is finished: nothing is measured")
        found = read_probe(out)
    else:
        asked = Asked(kind=kind, text=text, measured=measured, held_out=held_out, options=options, models=named)
        work = _Work(asked=asked, out=out, device=device, device_map=device_map, say=say, count=count)
        try:
            found, tables = _found(work)
        except XlevalError:
            release(out)
            raise
        write_probe(out, found, tables, config)
    write_pages(out, found, say=say)
    return found


def _split(kind: Kind, text: ParallelText, options: ProbeOptions) -> tuple[ParallelText, ParallelText | None]:
    """Return the sentences to measure and those held out for the check, the last ones; refuse what cannot be asked."""
    if len(text.langs) < 2:
        raise ConfigError(
            f"one language ({', '.join(text.langs)}): a probe sets languages side by side, name two or more with --langs"
        )
    if kind == "alignment" and options.pivot not in text.langs:
        raise ConfigError(
            f"pivot {options.pivot} is not among the languages ({', '.join(text.langs)}): choose one of them"
        )
    n_out = 0 if kind == "alignment" else options.knock_out
    if n_out == 1:  # resampled, one sentence is always itself: its interval would have no width
        raise ConfigError(
            "a knock-out check on 1 sentence has no interval; keep 2 or more with --knock-out, or 0 for none"
        )
    n = len(text) - n_out
    if n < 2:
        kept = f", of which the knock-out check keeps {n_out}" if n_out else ""
        raise ConfigError(
            f"{len(text)} sentences{kept}: two or more are needed to measure; give more with --limit"
            + (" or keep fewer with --knock-out" if n_out else "")
        )
    return _rows(text, 0, n), _rows(text, n, len(text)) if n_out else None


def _rows(text: ParallelText, start: int, end: int) -> ParallelText:
    return replace(text, sentences={lang: rows[start:end] for lang, rows in text.sentences.items()})


def _found(work: _Work) -> "tuple[ProbeJson, dict[str, pyarrow.Table]]":
    """Measure every model, one in memory at a time, and return what was found, with its tables."""
    asked, options = work.asked, work.asked.options
    instrument = instrument_of(asked.kind)
    looked: list[Looked] = []
    for model in asked.models:
        looked.append(_look(work, model, instrument))
        _check_looked(looked[0].model, looked[-1].model)
    work.say("intervals")
    named = [(each.model["name"], each.measured) for each in looked]
    measured = [found for _, found in named]
    weights = weights_of_units(measured[0].n_units, resamples=options.resamples, seed=options.seed)
    figures = instrument.figures(measured, weights, options)
    draws = {name: figures for (name, _), figures in zip(named, figures, strict=True)}
    found = {**head_of(asked, looked, draws), asked.kind: [instrument.as_json(*each, options) for each in named]}
    tables: dict[str, pyarrow.Table] = {asked.kind: _joined([instrument.table(*each, options) for each in named])}
    knocked = [each.knock_out for each in looked if each.knock_out is not None]
    if knocked:
        from xleval.probing.knock_out import knock_out_table

        found["knock_out"] = knocked
        tables["knock_out"] = _joined([knock_out_table(each) for each in knocked])
    tables |= summary_tables(found["figures"], found["changes"])
    return cast(ProbeJson, found), tables


def _look(work: _Work, model: NamedModel, instrument: Instrument) -> Looked:
    """Load one model, measure it, and run the check on what was found."""
    asked, options = work.asked, work.asked.options
    folder, n_langs = work.out / MEASURED / model.slug, len(asked.text.langs)
    work.say(f"{model.name}: loading")
    with loaded(model.given, dtype=model.dtype, device=work.device, device_map=work.device_map) as probed:
        _check_length(model, probed.encoder.max_positions, options.max_tokens)
        work.say(f"{model.name}: {asked.kind}")
        count = _counter(work.count, len(asked.measured) * n_langs)
        found, knocked = instrument.measure(probed, asked.measured, options, folder, count), None
        if asked.held_out is not None and instrument.sets is not None and instrument.knocked is not None:
            from xleval.probing.knock_out import knock_out

            work.say(f"{model.name}: knock-out check")
            # Every language's text whole and without each language's set, and its own without each random one.
            count = _counter(work.count, n_langs * (n_langs + 1 + options.random_sets) * len(asked.held_out))
            sets = instrument.sets(found, options)
            knocked = knock_out(
                probed, sets, instrument.knocked, asked.held_out, options, folder / "knock_out", count, model.name
            )
        return looked_into(asked, model, probed, found, knocked)


def _check_length(model: NamedModel, most: int | None, max_tokens: int) -> None:
    if most is not None and max_tokens > most:
        raise ConfigError(
            f"model {model.name} reads {most} tokens at most, max_tokens is {max_tokens}: give --max-tokens {most}"
        )


def _counter(count: Callable[[int, int], None], total: int) -> Callable[[int], None]:
    """Return a function that is told how many more sentences are done, and passes on how many are of how many."""
    done = 0

    def more(n: int) -> None:
        nonlocal done
        done += n
        count(min(done, total), total)

    return more


def _check_configurations(models: Sequence[NamedModel]) -> None:
    """Refuse models of unlike sizes by their configurations, before the first of them is measured for nothing."""
    from transformers import AutoConfig

    sizes: dict[str, dict[str, int]] = {}
    for model in models:
        if model.checkpoint.gguf_file is not None:  # its sizes are known when it is loaded
            continue
        try:
            config = AutoConfig.from_pretrained(model.checkpoint.path, trust_remote_code=False).get_text_config()
            sizes[model.name] = {"layers": config.num_hidden_layers, "heads": config.num_attention_heads}
            neurons = getattr(config, "intermediate_size", None)
            if isinstance(neurons, int):  # of some architectures it is a list, or called otherwise
                sizes[model.name]["neurons"] = neurons
        except (OSError, ValueError, AttributeError):
            continue  # loading says what is wrong with it
    _check_sizes(sizes)


def _check_looked(*models: ProbedModelJson) -> None:
    """Refuse models whose layers, heads or neurons were found to be unlike in number."""
    _check_sizes(
        {
            each["name"]: {"layers": each["n_layers"], "heads": each["n_heads"], "neurons": each["n_neurons"]}
            for each in models
        }
    )


def _check_sizes(sizes: Mapping[str, Mapping[str, int]]) -> None:
    first = next(iter(sizes), "")
    for name, found in sizes.items():
        unlike = [
            f"{what} ({sizes[first][what]} and {n})" for what, n in found.items() if n != sizes[first].get(what, n)
        ]
        if unlike:
            raise ConfigError(
                f"models {first} and {name} differ in {', '.join(unlike)}; figures are compared between checkpoints of "
                "one architecture, so probe them apart"
            )


def _joined(tables: "Sequence[pyarrow.Table]") -> "pyarrow.Table":
    import pyarrow

    return pyarrow.concat_tables(tables)
