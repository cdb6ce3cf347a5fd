"""Released versions of packs: a digest of each stands in `released.json` beside the packs, so that
a version that was ever in force can't change silently."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from policy.sources import PackError, PackProblem, Sources

RELEASED: Final = "released.json"


def digest_of(sources: Sources, authority: str, version: str) -> str:
    """The digest of all that a version says, its included files too. Comments and the order of
    keys don't count. Raises PackError."""
    content, _ = sources.merged(sources.root / authority / version)
    said = json.dumps(plain(content), sort_keys=True, ensure_ascii=False)
    return "sha256:" + hashlib.sha256(said.encode()).hexdigest()


def plain(value: Any) -> Any:
    """What YAML said, as JSON can say it: dates and keys as text."""
    if isinstance(value, dict):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, list):
        return [plain(held) for held in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def released(folder: Path) -> Mapping[str, str]:
    """The digests of a folder's released versions, by `authority@version`."""
    path = folder / RELEASED
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def changed(sources: Sources) -> Iterator[PackProblem]:
    """Every released version that is gone, or says something else than when it was released."""
    for name, digest in sorted(released(sources.root).items()):
        authority, _, version = name.partition("@")
        folder = sources.root / authority / version
        if not folder.is_dir():
            yield PackProblem(RELEASED, 0, name, "was released, and is not here")
            continue
        try:
            now = digest_of(sources, authority, version)
        except PackError:
            # It is told of already, with file and line.
            continue
        if now != digest:
            message = "has changed since it was released: make a new version instead"
            yield PackProblem(f"{authority}/{version}", 0, name, message)


def with_release(folder: Path, authority: str, version: str) -> str:
    """What `released.json` holds once a version is released too. Raises PackError, and ValueError
    for one that was released as something else."""
    known = dict(released(folder))
    name = f"{authority}@{version}"
    digest = digest_of(Sources(folder.resolve()), authority, version)
    if known.get(name, digest) != digest:
        raise ValueError(name)
    known[name] = digest
    return json.dumps(dict(sorted(known.items())), indent=2) + "\n"
