"""A package index made of files: tiny wheels, and the pages that pip and uv read."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path


class Index:
    """An index below a folder; `url` is what PIP_INDEX_URL names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = folder.as_uri()

    def add(self, name: str, version: str, requires: tuple[str, ...] = ()) -> str:
        """Release a package of one module; returns its wheel's hash as a lock writes it."""
        wheel = self.folder / name / f"{name}-{version}-py3-none-any.whl"
        wheel.parent.mkdir(parents=True, exist_ok=True)
        info = f"{name}-{version}.dist-info"
        extras = "".join(f"Provides-Extra: {extra}\n" for extra in ("one", "two"))
        needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
        files = {
            f"{name}.py": f"version = {version!r}\n",
            f"{info}/METADATA": (
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{extras}{needs}"
            ),
            f"{info}/WHEEL": (
                "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            ),
        }
        record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items())
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)
            archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
        links = "".join(
            f'<a href="{file.name}#sha256={hashlib.sha256(file.read_bytes()).hexdigest()}">'
            f"{file.name}</a>\n"
            for file in sorted(wheel.parent.glob("*.whl"))
        )
        (wheel.parent / "index.html").write_text(
            f"<!DOCTYPE html><html><body>{links}</body></html>"
        )
        return f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
