"""What `xleval --help` says of each command in a line, and the command lines that its own help shows."""

from collections.abc import Mapping

#: At most 60 columns, so that the list of commands has each whole on a terminal of 80.
SUMMARIES: Mapping[str, str] = {
    "demo": "Build, run and report a small example, offline.",
    "doctor": "Say what is installed and what each backend can do here.",
    "tasks": "List tasks, or show exactly what a model is asked.",
    "run": "Run a model over tasks in some languages.",
    "compare": "Compare runs item by item: differences with certainty.",
    "report": "Write an HTML page of one run or several.",
    "judge": "Compare open answers of two runs by a judge model.",
    "transfer": "Measure what training on some languages does to others.",
    "rescore": "Score a run's saved answers again, without its model.",
    "merge": "Put the shards of one run together.",
    "import": "Make a run of what another tool wrote.",
    "build-polyfact": "Build a parallel set of Wikidata facts.",
    "build-reasoning": "Translate a reasoning set and check each translation.",
    "build-traces": "Collect a teacher's right solutions to train on.",
    "lint": "Audit a set of questions with options.",
    "review": "Write sheets on which native speakers judge wordings.",
    "overlap": "Show which test items are among training items.",
    "export-lm-eval": "Write lm-eval task files of a set.",
    "publish": "Publish a set, a run or a checkpoint to the Hub.",
    "train": "Train a model by a recipe or a YAML file.",
    "watch": "Follow the roll-outs of a training, and warn early.",
    "probe": "Look into a model: its neurons, heads or alignment.",
    "study": "Repeat a study: trainings, evaluations and figures.",
    "grpo": "GRPO: answers are sampled and rewarded.",
    "sft": "Supervised fine-tuning on answers, letters or traces.",
    "cpt": "Continued pre-training on text in several languages.",
    "clo": "Cross-lingual optimisation: English and another language.",
    "dco": "Direct consistency optimisation of options in two languages.",
    "cm-align": "CM-Align: answers that agree with the English ones.",
    "neurons": "Neurons that fire for some languages only (LAPE).",
    "heads": "Attention heads that matter for a language (LAHIS).",
    "alignment": "How near translations are in every layer (MEXA).",
}

#: Command -> lines; one that ends in a backslash goes on in the next.
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "demo": ("xleval demo", "xleval demo --out first-look --json"),
    "doctor": ("xleval doctor", "xleval doctor --json"),
    "tasks": (
        "xleval tasks",
        "xleval tasks mgsm",
        "xleval tasks sample --lang ko",
        "xleval tasks polyfact --data polyfact=facts --lang sw --model demo",
    ),
    "run": (
        "xleval run --model demo --langs en,ko",
        "xleval run --model Qwen/Qwen2.5-0.5B --langs en,de,zh \\",
        "    --tasks mgsm,belebele --out runs/base",
        "xleval run --model vllm:ckpt/ --langs polyfact --tasks polyfact \\",
        "    --data polyfact=facts --limit 200 --out runs/trained",
        "xleval run --model vllm:ckpt/ --langs en,zh --tasks mgsm \\",
        "    --samples 8 --gen temperature=0.6,top_p=0.95 --out runs/drawn",
    ),
    "compare": (
        "xleval compare runs/base runs/trained",
        "xleval compare runs/base runs/trained --tasks mgsm --langs en,sw",
        "xleval compare --group base=runs/b1,runs/b2 \\",
        "    --group trained=runs/t1,runs/t2 --csv table.csv",
    ),
    "report": (
        "xleval report runs/trained --out report.html",
        "xleval report runs/base runs/trained --out report.html \\",
        "    --figures figures --tables tables",
    ),
    "judge": (
        "xleval judge runs/base runs/trained --judge vllm:Qwen/Qwen3-8B \\",
        "    --labels mm-eval --out judged",
        "xleval judge runs/base runs/trained --judge openai:gpt-4o \\",
        "    --tasks m_arena_hard --langs ar,ko --limit 100 --out judged",
    ),
    "transfer": (
        "xleval transfer --base runs/base --trained runs/en-de:en,de",
        "xleval transfer --plan plan.yaml --csv gains.csv",
    ),
    "rescore": (
        "xleval rescore runs/base --out runs/rescored",
        "xleval rescore runs/base --ties published --out runs/published",
    ),
    "merge": ("xleval merge runs/shard-1 runs/shard-2 --out runs/whole",),
    "import": (
        "xleval import --from lm-eval results/ --out runs/imported",
        "xleval import --from jsonl outputs.jsonl --map item_id=id \\",
        "    --map lang=language --map completion=answer \\",
        "    --map gold=target --out runs/imported",
    ),
    "build-polyfact": (
        "xleval build-polyfact --langs en,sw,ko --out facts",
        "xleval build-polyfact --source wdqs --contact me@example.org \\",
        "    --langs polyfact --size 2000 --relations P36,P19 --out facts",
        "xleval build-polyfact --source dump:20261116-all.json.gz \\",
        "    --work cache --out facts --resume",
    ),
    "build-reasoning": (
        "xleval build-reasoning --from gsm8k --langs sw,th \\",
        "    --translator vllm:Qwen/Qwen3-8B --out gsm8k-sw-th",
        "xleval build-reasoning --from mine.jsonl --langs de \\",
        "    --translator hf:facebook/nllb-200-distilled-600M --limit 50 --out mine-de",
    ),
    "build-traces": (
        "xleval build-traces --teacher vllm:Qwen/Qwen3-8B --from gsm8k-es \\",
        "    --langs es,en --out traces",
        "xleval build-traces --teacher ckpt/ --from mine.jsonl --langs uk \\",
        "    --columns question=text,answer=result --samples 8 --out traces",
    ),
    "lint": (
        "xleval lint facts",
        "xleval lint facts --langs en,sw --out defects.jsonl",
        "xleval lint OWNER/NAME --limit 22=0.01 --json",
    ),
    "review": (
        "xleval review --langs sw,bn",
        "xleval review facts --langs sw --out sheets",
        'xleval review gsm8k-sw --reviewed-by "two native speakers"',
    ),
    "overlap": (
        "xleval overlap train.jsonl mgsm",
        "xleval overlap train.jsonl test.jsonl --train-question prompt --fail",
    ),
    "export-lm-eval": (
        "xleval export-lm-eval facts --out lm-eval-tasks",
        "xleval export-lm-eval facts --langs en,sw --limit 100 --out tasks",
    ),
    "publish": (
        "xleval publish facts --repo USER/NAME --dry-run",
        "xleval publish facts --repo USER/NAME --private",
        "xleval publish runs/base --repo USER/NAME --license cc-by-sa-4.0",
    ),
    "train": (
        "xleval train grpo --list",
        "xleval train sft my-training.yaml --dry-run",
        "xleval train sft my-training.yaml --out trained",
    ),
    "watch": (
        "xleval watch rollouts/",
        "xleval watch rollouts/ --from verl --lang-column language",
        "xleval watch rollouts/ --once --json",
    ),
    "probe": (
        "xleval probe alignment --model demo --langs en,de --text flores/ \\",
        "    --out probed",
    ),
    "study": (
        "xleval study polyfact --budget smoke --out study",
        "xleval study collapse --budget full --model Qwen/Qwen2.5-1.5B \\",
        "    --out study --dry-run",
        "xleval study clo --budget smoke --out study --resume",
    ),
    "neurons": (
        "xleval probe neurons --model base/ --against trained/ \\",
        "    --langs en,de,sw --text flores/ --out probed",
    ),
    "heads": (
        "xleval probe heads --model base/ --langs en,de,sw --text flores/ \\",
        "    --limit 200 --out probed",
    ),
    "alignment": (
        "xleval probe alignment --model base/ --against trained/ \\",
        "    --langs en,de,sw --text flores/ --pivot en --out probed",
    ),
    **{
        kind: (
            f"xleval train {kind} --list",
            f"xleval train {kind} my-training.yaml --dry-run",
            f"xleval train {kind} my-training.yaml --set trainer.learning_rate=1e-6 \\",
            "    --out trained --seeds 3",
        )
        for kind in ("grpo", "sft", "cpt", "clo", "dco", "cm-align")
    },
}
