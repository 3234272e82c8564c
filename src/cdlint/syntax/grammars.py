"""The way into tree-sitter and its grammars that costs least at start-up.

`import tree_sitter` loads `typing`, `re`, `enum` and `collections` for a query interface that is not used
here: four fifths of its cost (measured: docs/dependencies.md). In a process of our own the two extension
modules are loaded by their path, with stand-ins for those modules while they start.
"""

from __future__ import annotations

import sys

from .. import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What the extension asks other modules for when it starts.
_ASKED = {"re": ("compile",), "enum": ("IntEnum",), "collections": ("namedtuple",)}
_library: Any = None


def _stand_in(*details: Any) -> Any:
    return type(str(details[0]) if details else "StandIn", (tuple,), {})


def _extension(package: str) -> Any:
    """`<package>._binding`, without running the package itself; raises ImportError."""
    # What `importlib.machinery` only passes on.
    import _imp
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import ExtensionFileLoader

    name = package + "._binding"
    if name in sys.modules:
        return sys.modules[name]
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        found = find(package, None) if find else None
        for folder in (found.submodule_search_locations or ()) if found is not None else ():
            for suffix in _imp.extension_suffixes():
                path = f"{folder}/_binding{suffix}"
                try:
                    open(path, "rb").close()
                except OSError:
                    continue
                spec = ModuleSpec(name, ExtensionFileLoader(name, path), origin=path)
                module = _imp.create_dynamic(spec)
                _imp.exec_dynamic(module)
                return module
    raise ImportError(package)


def _bare_library() -> Any:
    """The extension of tree-sitter itself, once in a process: two of it would not know each other's languages."""
    global _library
    if _library is None:
        absent = [name for name in _ASKED if name not in sys.modules]
        for name in absent:
            module: Any = type(sys)(name)
            for attribute in _ASKED[name]:
                setattr(module, attribute, _stand_in)
            sys.modules[name] = module
        try:
            _library = _extension("tree_sitter")
        finally:
            for name in absent:
                sys.modules.pop(name, None)
    return _library


def parser(grammar: str) -> Any:
    """A `tree_sitter.Parser` for a grammar (`bash`, `hcl`). Raises ImportError where its package is missing."""
    package = f"tree_sitter_{grammar}"
    if process.OWN and "tree_sitter" not in sys.modules:
        try:
            library = _bare_library()
            return library.Parser(library.Language(_extension(package).language()))
        except (ImportError, AttributeError, TypeError, ValueError):
            pass
    import tree_sitter

    language = __import__(package).language()
    return tree_sitter.Parser(tree_sitter.Language(language))
