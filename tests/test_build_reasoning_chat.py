"""`xleval build-reasoning` with chat models behind a server on the loopback that knows the problems by heart and errs."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

pytest.importorskip("httpx")
pytest.importorskip("tenacity")

from tests.data.reasoning.list_translator import PROBLEMS
from tests.evalkit.test_openai import KEY, FaultServer, Handler, models
from tests.test_build_reasoning_command import rejects_of, rows_of, write_rows
from tests.test_cli import fails, xleval
from xleval.evalkit.backends import openai_http

CHAT = "/v1/chat/completions"
PLACE = {english: place for place, (english, *_) in enumerate(PROBLEMS)}
SPANISH = [row[1] for row in PROBLEMS]
FORMULAS = ("$x + 7 = 20$", "$x$")
#: What the server does with single problems: `chatter` in its most probable reply only, the others in every one.
CHATTER, CUT, BROKEN = 1, 2, 3


class KnowingServer(FaultServer):
    """Answers what a chat model is asked in `build-reasoning`: translations and solutions of the problems.

    Attributes:
        healed: whether nothing goes wrong any more.
        unsolved: Spanish questions to which every solver has a wrong answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.healed = False
        self.unsolved: set[str] = set()
        self.replies["/v1/models"] = [models("tiny", "red", "blue")]
        self.replies[CHAT] = [self._reply]

    def asked(self) -> list[tuple[int, float]]:
        """Return the problem and the temperature of each request for a translation, in the order of arrival."""
        texts = [(body["messages"][0]["content"], body["temperature"]) for body in self.bodies(CHAT)]
        return [(place_of(text), temperature) for text, temperature in texts if text.startswith("Translate")]

    def _reply(self, handler: Handler, body: dict[str, Any]) -> None:
        text = body["messages"][-1]["content"]
        if not text.startswith("Translate"):
            return self._say(handler, self._solution(text))
        place = place_of(text)
        if place == BROKEN and not self.healed:
            return handler.send(500, {"error": {"message": "out of memory"}})
        translation = with_placeholders(SPANISH[place])
        if place == CHATTER and body["temperature"] == 0:
            translation = f"Here is the translation:\n\n{translation}"
        self._say(handler, translation, "length" if place == CUT and not self.healed else "stop")

    def _solution(self, text: str) -> str:
        place = next(place for place, row in enumerate(PROBLEMS) if row[0] in text or row[1] in text)
        wrong = any(question in text for question in self.unsolved)
        return f"We count.\n\\boxed{{{'7777' if wrong else PROBLEMS[place][3]}}}"

    @staticmethod
    def _say(handler: Handler, text: str, finish_reason: str = "stop") -> None:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}
        handler.send(200, {"choices": [choice], "usage": {"completion_tokens": 9}})


def place_of(prompt: str) -> int:
    """Return which problem a request to translate is about."""
    text = prompt.rpartition("Text:\n")[2]
    return PLACE[re.sub(r"XQ([12])Z", lambda found: FORMULAS[int(found[1]) - 1], text)]


def with_placeholders(text: str) -> str:
    for number, formula in enumerate(FORMULAS, start=1):
        text = text.replace(formula, f"XQ{number}Z")
    return text


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[KnowingServer]:
    monkeypatch.setattr(openai_http, "FIRST_WAIT_S", 0.001)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = KnowingServer()
    yield server
    server.close()


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "problems.jsonl", ({"question": row[0], "answer": row[3]} for row in PROBLEMS))


def build(server: FaultServer, problems: Path, out: Path, *more: object) -> Result:
    return xleval("build-reasoning", "--from", problems, "--langs", "es", "--translator", "openai:tiny", "--out", out,
                  "--model-args", f"base_url={server.url},retries=2", "--no-language-check", "--json", *more)  # fmt: skip


def test_what_a_server_does_wrong_is_tried_again_and_counted_apart(
    server: KnowingServer, problems: Path, tmp_path: Path
) -> None:
    out = tmp_path / "set"
    result = build(server, problems, out)
    assert result.exit_code == 3, result.output
    assert "2 texts have no translation: counted apart" in result.stderr
    counts = json.loads(result.stdout)["gate_report"]["es"]["question"]
    assert (counts["accepted"], counts["rejected"], counts["failed"]) == ([9, 1, 0], 0, 2)
    assert counts["found"]["chatter"] == 1
    rows = {row["item_id"]: row for row in rows_of(out, "es")}
    assert (rows["problems-2"]["question"], rows["problems-2"]["attempt"]) == (SPANISH[CHATTER], 2)
    assert rows["problems-6"]["question"] == SPANISH[5]  # formulas are back in their places
    failures = {row["item_id"]: [each["failure"] for each in row["attempts"]] for row in rejects_of(out, "es")}
    assert failures["problems-3"] == ["cut at 2048 tokens"] * 3
    assert len(failures["problems-4"]) == 3
    assert all("HTTP 500" in failure and "out of memory" in failure for failure in failures["problems-4"])

    asked = Counter(server.asked())
    assert asked[0, 0.0] == 1
    assert (asked[CHATTER, 0.0], asked[CHATTER, 0.7]) == (1, 1)
    assert (asked[CUT, 0.0], asked[CUT, 0.7]) == (1, 2)
    # `retries` more requests after the first one, at each of the three attempts
    assert (asked[BROKEN, 0.0], asked[BROKEN, 0.7]) == (3, 6)
    assert not any(KEY.encode() in path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert KEY not in result.output


def test_a_server_that_is_well_again_is_asked_for_the_rest_alone(
    server: KnowingServer, problems: Path, tmp_path: Path
) -> None:
    build(server, problems, tmp_path / "set")
    before = len(server.asked())
    server.healed = True
    result = build(server, problems, tmp_path / "set", "--resume")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["gate_report"]["es"]["question"]["accepted"] == [11, 1, 0]
    assert server.asked()[before:] in ([(CUT, 0.0), (BROKEN, 0.0)], [(BROKEN, 0.0), (CUT, 0.0)])
    assert [row["question"] for row in rows_of(tmp_path / "set", "es")] == SPANISH


def test_two_solvers_reject_what_neither_can_solve_any_more(
    server: KnowingServer, problems: Path, tmp_path: Path
) -> None:
    server.healed = True
    server.unsolved = {SPANISH[4]}
    solvers = ("--solver", "red=openai:red", "--solver", "blue=openai:blue")
    result = build(server, problems, tmp_path / "set", "--attempts", 2, *solvers)
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    counts = manifest["gate_report"]["es"]["question"]
    assert (counts["accepted"], counts["rejected_by"]) == ([10, 1], {"solve-back": 1})
    assert [row["item_id"] for row in rejects_of(tmp_path / "set", "es")] == ["problems-5"]
    checked = manifest["config"]["model_checks"]["solve-back"]
    assert (checked["solver1"], checked["solver2"]) == ("openai:red", "openai:blue")
    assert {body["model"] for body in server.bodies(CHAT)} == {"tiny", "red", "blue"}

    mistaken = (("it needs two of different families", solvers[:2]),
                ("solve-back needs another model as solver", (*solvers[:2], "--solver", "tiny=openai:tiny")))  # fmt: skip
    for message, more in mistaken:
        refused = build(server, problems, tmp_path / "other", *more)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert message in refused.stderr.splitlines()[-1]


def test_servers_that_cannot_be_used(server: KnowingServer, problems: Path, tmp_path: Path) -> None:
    url = server.url
    start = ("build-reasoning", "--from", problems, "--langs", "es", "--out", tmp_path / "set", "--no-language-check")
    fails(2, "tinny", *start, "--translator", "openai:tinny", "--model-args", f"base_url={url}")
    assert not any((tmp_path / "set").iterdir())  # so that the name can be corrected without another --out
    fails(2, "unknown option of backend openai 'retires'. Did you mean retries", *start, "--translator", "openai:tiny",
          "--model-args", f"base_url={url},retires=2")  # fmt: skip
    fails(2, "unknown option of the translator 'candidate'. Did you mean candidates", *start, "--translator",
          "openai:tiny,candidate=2", "--model-args", f"base_url={url}")  # fmt: skip
    server.close()
    fails(1, f"no server answers at {url}", *start, "--translator", "openai:tiny", "--model-args",
          f"base_url={url},retries=0")  # fmt: skip
