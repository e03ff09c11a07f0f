"""A local server that speaks as much of the Hugging Face Hub's protocol as publishing and reading back need.

Endpoints and fields as huggingface_hub 2.4.0 asks for them (`hf_api.py`, `_commit_api.py`, `lfs.py`, `file_download.py`, read
2026-11-22): repository creation, branches, preupload, the LFS batch with multipart upload, commits, trees, paths and files.
Every stored file is checked against its hash; a commit that names an object that was not uploaded is refused.
"""

import base64
import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_" + "localtesttokenlocaltesttoken12"
#: Bytes from which a file is large, and bytes of a part of an upload: small, so that tests have several.
LARGE, PART = 2_000, 20_000


@dataclass
class Repo:
    """One repository: branches to commits, commits to files."""

    private: bool
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def files(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        commit = self.branches.get(revision, revision)
        return (commit, self.commits[commit]) if commit in self.commits else None


class Hub:
    """The state of the server, and what it does wrong on purpose.

    `faults` maps the start of `METHOD path` to a list of what happens to the next such requests: a status, or `drop` for
    a connection that is closed without an answer.
    """

    def __init__(self) -> None:
        self.repos: dict[tuple[str, str], Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.seen: Counter[str] = Counter()
        self.faults: dict[str, list[int | str]] = {}
        self.card_errors: list[str] = []
        self.lock = threading.Lock()
        self.url = ""

    def large(self, content: bytes) -> bool:
        return len(content) >= LARGE

    def commit(self, key: tuple[str, str], branch: str, files: dict[str, bytes]) -> str:
        repo = self.repos[key]
        oid = hashlib.sha1(f"{key}{branch}{len(repo.commits)}{sorted(files)}".encode()).hexdigest()
        repo.commits[oid] = files
        repo.branches[branch] = oid
        return oid


_API = re.compile(r"/api/(?P<type>dataset|model)s/(?P<repo>[^/]+/[^/]+)(?:/(?P<what>[a-z-]+)(?:/(?P<rest>.*))?)?$")
_RESOLVE = re.compile(r"/(?P<type>datasets/)?(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)$")
_BATCH = re.compile(r"/(?P<type>datasets/)?(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch$")


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        url = urlsplit(self.path)
        path, query = unquote(url.path), parse_qs(url.query)
        body = self._body()
        with self.hub.lock:
            said = f"{self.command} {path}"
            self.hub.seen[said] += 1
            fault = next(
                (faults.pop(0) for start, faults in self.hub.faults.items() if faults and said.startswith(start)), None
            )
        if fault == "drop":
            self.close_connection = True
            self.connection.close()
            return
        if isinstance(fault, int):
            self._answer({"error": "on purpose"}, status=fault, headers={"Retry-After": "0"})
            return
        # Addresses of uploads are signed: they come without a token.
        if not path.startswith(("/upload/", "/complete/")) and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer({"error": "Invalid credentials in Authorization header"}, status=401)
            return
        with self.hub.lock:
            self._route(path, query, body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    do_GET = do_HEAD = do_POST = do_PUT = _serve

    def _route(self, path: str, query: dict[str, list[str]], body: bytes) -> None:
        if path == "/api/repos/create":
            self._create(json.loads(body))
        elif path == "/api/whoami-v2":
            self._answer({"name": "me", "type": "user", "auth": {}, "orgs": []})
        elif path == "/api/validate-yaml":
            errors = [{"message": each} for each in self.hub.card_errors]
            self._answer({"errors": errors, "warnings": []}, status=400 if errors else 200)
        elif found := _BATCH.match(path):
            self._batch(json.loads(body))
        elif path.startswith("/upload/"):
            self._upload(path.split("/")[2:], body)
        elif path.startswith("/complete/"):
            self._complete(json.loads(body))
        elif found := _RESOLVE.match(path):
            self._resolve(found["type"], found["repo"], found["revision"], found["path"])
        elif found := _API.match(path):
            self._api((found["type"], found["repo"]), found["what"], found["rest"] or "", query, body)
        else:
            self._answer({"error": f"no such page {path}"}, status=404)

    def _create(self, asked: dict[str, Any]) -> None:
        owner = asked.get("organization") or "me"
        kind, name = asked.get("type") or "model", f"{owner}/{asked['name']}"
        if owner != "me":
            self._answer({"error": "You don't have the rights to create a repo under this namespace"}, status=403)
            return
        key, url = (kind, name), f"{self.hub.url}/{'datasets/' if kind == 'dataset' else ''}{name}"
        if key in self.hub.repos:
            self._answer({"error": "You already created this repo", "url": url}, status=409)
            return
        private = bool(asked.get("private")) or asked.get("visibility") == "private"
        self.hub.repos[key] = Repo(private=private)
        self.hub.commit(key, "main", {".gitattributes": b"*.parquet filter=lfs\n"})
        self._answer({"url": url, "name": name, "id": name})

    def _api(self, key: tuple[str, str], what: str | None, rest: str, query: dict[str, list[str]], body: bytes) -> None:
        repo = self.hub.repos.get(key)
        if repo is None:
            self._answer({"error": "Repository not found"}, status=404, headers={"X-Error-Code": "RepoNotFound"})
            return
        if what == "branch":
            found = repo.branches.setdefault(rest, repo.branches["main"])
            self._answer({"oid": found})
            return
        revision, _, under = (rest or "main").partition("/")
        state = repo.files(revision)
        if state is None:
            self._answer({"error": "Invalid rev id"}, status=404, headers={"X-Error-Code": "RevisionNotFound"})
            return
        commit, files = state
        handlers: dict[str | None, Callable[[], None]] = {
            None: lambda: self._info(key, repo, commit, files),
            "revision": lambda: self._info(key, repo, commit, files),
            "preupload": lambda: self._preupload(json.loads(body)),
            "commit": lambda: self._commit(key, revision, files, body),
            "tree": lambda: self._tree(files, under, query),
            "paths-info": lambda: self._paths(files, body),
        }
        if what not in handlers:
            self._answer({"error": f"no such page {what}"}, status=404)
            return
        handlers[what]()

    def _info(self, key: tuple[str, str], repo: Repo, commit: str, files: dict[str, bytes]) -> None:
        siblings = [{"rfilename": path} for path in files]
        self._answer(
            {
                "id": key[1], "_id": "0", "sha": commit, "private": repo.private, "siblings": siblings, "tags": [],
                "downloads": 0, "likes": 0, "disabled": False, "gated": False,
            }
        )  # fmt: skip

    def _entry(self, path: str, content: bytes) -> dict[str, Any]:
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": blob}
        if self.hub.large(content):
            entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
        return entry

    def _paths(self, files: dict[str, bytes], body: bytes) -> None:
        if self.headers.get("Content-Type", "").startswith("application/json"):
            paths = json.loads(body)["paths"]
        else:
            paths = parse_qs(body.decode())["paths"]
        entries: list[dict[str, Any]] = []
        for path in paths:
            if path in files:
                entries.append(self._entry(path, files[path]))
            elif any(name.startswith(f"{path}/") for name in files):
                entries.append({"type": "directory", "path": path, "oid": "0" * 40, "size": 0})
        self._answer(entries)

    def _tree(self, files: dict[str, bytes], under: str, query: dict[str, list[str]]) -> None:
        inside = {path: content for path, content in files.items() if not under or path.startswith(f"{under}/")}
        if under and not inside:
            self._answer({"error": "not found"}, status=404, headers={"X-Error-Code": "EntryNotFound"})
            return
        recursive = query.get("recursive", ["False"])[0].lower() == "true"
        entries: dict[str, dict[str, Any]] = {}
        for path, content in sorted(inside.items()):
            parts = path[len(under) + 1 if under else 0 :].split("/")
            for depth in range(1, len(parts)):
                folder = "/".join(filter(None, (under, *parts[:depth])))
                if recursive or depth == 1:
                    entries[folder] = {"type": "directory", "path": folder, "oid": "0" * 40, "size": 0}
            if recursive or len(parts) == 1:
                entries[path] = self._entry(path, content)
        self._answer(list(entries.values()))

    def _preupload(self, asked: dict[str, Any]) -> None:
        self._answer(
            {
                "files": [
                    {
                        "path": file["path"], "uploadMode": "lfs" if file["size"] >= LARGE else "regular",
                        "shouldIgnore": False, "oid": None,
                    }
                    for file in asked["files"]
                ]
            }
        )  # fmt: skip

    def _batch(self, asked: dict[str, Any]) -> None:
        objects = []
        for each in asked["objects"]:
            oid, size = each["oid"], each["size"]
            answer: dict[str, Any] = {"oid": oid, "size": size, "authenticated": True}
            if oid not in self.hub.objects:
                n_parts = -(-size // PART)
                if n_parts > 1:
                    header = {str(k): f"{self.hub.url}/upload/{oid}/{k}" for k in range(1, n_parts + 1)}
                    upload = {"href": f"{self.hub.url}/complete/{oid}", "header": {"chunk_size": str(PART), **header}}
                else:
                    upload = {"href": f"{self.hub.url}/upload/{oid}/0"}
                answer["actions"] = {"upload": upload}
            objects.append(answer)
        self._answer({"transfer": "multipart", "objects": objects})

    def _upload(self, where: list[str], body: bytes) -> None:
        oid, part = where[0], int(where[1])
        if part == 0:
            if hashlib.sha256(body).hexdigest() != oid:
                self._answer({"error": "wrong hash"}, status=400)
                return
            self.hub.objects[oid] = body
        else:
            self.hub.parts.setdefault(oid, {})[part] = body
        self._answer({}, headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    def _complete(self, asked: dict[str, Any]) -> None:
        parts = self.hub.parts.get(asked["oid"], {})
        content = b"".join(parts.get(each["partNumber"], b"") for each in asked["parts"])
        if hashlib.sha256(content).hexdigest() != asked["oid"]:
            self._answer({"error": "parts do not make the object"}, status=400)
            return
        self.hub.objects[asked["oid"]] = content
        self._answer({})

    def _commit(self, key: tuple[str, str], branch: str, files: dict[str, bytes], body: bytes) -> None:
        after = dict(files)
        for line in body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                after[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                if value["oid"] not in self.hub.objects:
                    self._answer({"error": f"object {value['oid']} was not uploaded"}, status=400)
                    return
                after[value["path"]] = self.hub.objects[value["oid"]]
        oid = self.hub.commit(key, branch, after)
        self._answer(
            {"success": True, "commitOid": oid, "commitUrl": f"{self.hub.url}/{key[1]}/commit/{oid}", "hookOutput": ""}
        )

    def _resolve(self, prefix: str | None, name: str, revision: str, path: str) -> None:
        repo = self.hub.repos.get(("dataset" if prefix else "model", name))
        state = repo.files(revision) if repo else None
        if state is None or path not in state[1]:
            code = "EntryNotFound" if state else "RepoNotFound"
            self._answer({"error": "not found"}, status=404, headers={"X-Error-Code": code})
            return
        content = state[1][path]
        etag = (
            hashlib.sha256(content).hexdigest()
            if self.hub.large(content)
            else hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        )
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": state[0], "Accept-Ranges": "bytes"}
        if self.hub.large(content):
            headers |= {"X-Linked-Size": str(len(content)), "X-Linked-Etag": f'"{etag}"'}
        first, last = 0, len(content) - 1
        if asked := re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            first, last = int(asked[1]), int(asked[2] or last)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        self._send(
            content[first : last + 1], 206 if asked else 200, {**headers, "Content-Type": "application/octet-stream"}
        )

    def _answer(self, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, content: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def start_hub() -> tuple[Hub, ThreadingHTTPServer]:
    """Start a server on a free port of this machine; the caller shuts it down."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return hub, server
