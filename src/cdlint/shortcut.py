"""A shorter way to cdlint's own compiled modules.

A run imports some ninety small modules, and Python's import system spends more on finding and checking each than on
running it: it must reckon with everything that a path can hold (measured: docs/dependencies.md). In a process of
cdlint's own it is known where a module's compiled file is. It is compared with its source (time and size) as Python
does it; whatever is not as expected is left to the ordinary import.
"""

from __future__ import annotations

import os
import sys
from marshal import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

_FOLDER = os.path.dirname(__file__)
_PACKAGE = __name__.rpartition(".")[0]
#: Our packages; all else is modules.
_PACKAGES = frozenset(
    f"{_PACKAGE}.{name}"
    for name in (
        "aws",
        "cli",
        "graph",
        "lsp",
        "model",
        "model.forms",
        "packaging",
        "report",
        "rules",
        "setting_up",
        "syntax",
        "syntax.shell",
        "syntax.slips",
    )
)


class _Finder:
    """For `sys.meta_path`: finds `cdlint.…` and loads it."""

    def __init__(self, magic: bytes, suffix: str) -> None:
        self.magic = magic
        self.suffix = suffix
        self.code: dict[str, bytes] = {}
        self.spec_type: Any = type(sys.__spec__)

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:
        if not name.startswith(_PACKAGE + "."):
            return None
        package = name in _PACKAGES
        stem = _FOLDER + name[len(_PACKAGE) :].replace(".", "/") + ("/__init__" if package else "")
        folder, _, last = stem.rpartition("/")
        source = stem + ".py"
        compiled = f"{folder}/__pycache__/{last}{self.suffix}"
        try:
            known = os.stat(source)
            with open(compiled, "rb", buffering=0) as file:
                data = file.read()
        except OSError:
            return None
        # Magic number, flags (0: compare with the source), time and size of the source: PEP 552.
        stamp = int(known.st_mtime) & 0xFFFFFFFF, known.st_size & 0xFFFFFFFF
        if (
            data[:8] != self.magic
            or (int.from_bytes(data[8:12], "little"), int.from_bytes(data[12:16], "little")) != stamp
        ):
            return None
        self.code[name] = data
        spec = self.spec_type(name, self, origin=source, is_package=package)
        spec.has_location = True
        spec.cached = compiled
        if package:
            spec.submodule_search_locations.append(folder)
        return spec

    def create_module(self, _spec: object) -> None:
        """The ordinary module is right."""

    def exec_module(self, module: ModuleType) -> None:
        exec(loads(memoryview(self.code.pop(module.__name__))[16:]), module.__dict__)


def use() -> None:
    """Take the shorter way from here on, where there is one."""
    tag = sys.implementation.cache_tag
    external = sys.modules.get("_frozen_importlib_external")
    magic = getattr(external, "MAGIC_NUMBER", None)
    if (
        tag is None
        or os.sep != "/"
        or not isinstance(magic, bytes)
        or sys.flags.optimize
        or sys.pycache_prefix
    ):
        return
    sys.meta_path.insert(0, _Finder(magic + b"\0\0\0\0", f".{tag}.pyc"))
