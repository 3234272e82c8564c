"""The way into PyYAML's event parser that costs least at start-up.

`import yaml` compiles large regular expressions for its pure-Python reader and resolver, which the C
parser never uses: two thirds of its import time (measured: docs/dependencies.md). So in a process of
our own the C extension is loaded under a stand-in package. Elsewhere, and where the extension is
missing, PyYAML is imported as usual (and its pure-Python parser serves).
"""

from __future__ import annotations

import sys

from .. import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The exception classes the extension asks for by name, and whether they carry a mark.
_ERRORS = (
    ("reader", "ReaderError", False),
    ("scanner", "ScannerError", True),
    ("parser", "ParserError", True),
    ("composer", "ComposerError", True),
    ("constructor", "ConstructorError", True),
    ("emitter", "EmitterError", False),
    ("serializer", "SerializerError", False),
    ("representer", "RepresenterError", False),
)


def _load_extension() -> Any:
    """`yaml._yaml` without the rest of the package; raises ImportError where that cannot be."""
    spec = None
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find("yaml", None) if find else None
        if spec is not None:
            break
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("PyYAML is not installed")
    module_type = type(sys)
    package: Any = module_type("yaml")
    package.__path__ = list(spec.submodule_search_locations)
    temporary = ["yaml"]
    sys.modules["yaml"] = package
    try:
        import yaml.error
        import yaml.events
        import yaml.nodes
        import yaml.tokens

        for part in (yaml.error, yaml.tokens, yaml.events, yaml.nodes):
            for name in dir(part):
                if not name.startswith("_"):
                    setattr(package, name, getattr(part, name))
        for part_name, class_name, marked in _ERRORS:
            base = package.MarkedYAMLError if marked else package.YAMLError
            stand_in: Any = module_type("yaml." + part_name)
            setattr(stand_in, class_name, type(class_name, (base,), {"__init__": _keep_details}))
            if marked:
                setattr(stand_in, class_name, type(class_name, (base,), {}))
            setattr(package, part_name, stand_in)
            sys.modules["yaml." + part_name] = stand_in
            temporary.append("yaml." + part_name)
        import yaml._yaml as extension

        return extension
    finally:
        # A later `import yaml` of anybody else gets the real package.
        for name in temporary:
            sys.modules.pop(name, None)


def _keep_details(self: Any, *details: Any) -> None:
    """ReaderError(name, position, character, encoding, reason), as PyYAML's own has it."""
    self.details = details
    self.position = details[1] if len(details) > 1 else 0
    self.reason = details[-1] if details else ""


def _load() -> tuple[Any, Any, Any]:
    """`(parser class, YAMLError, events module)`."""
    if process.OWN and "yaml" not in sys.modules and "yaml._yaml" not in sys.modules:
        try:
            extension = _load_extension()
        except (ImportError, AttributeError, RuntimeError):
            pass
        else:
            return (
                extension.CParser,
                sys.modules["yaml.error"].YAMLError,
                sys.modules["yaml.events"],
            )
    import yaml
    import yaml.events

    parser = getattr(yaml, "CParser", None)
    if parser is None:
        try:
            from yaml._yaml import CParser as parser
        except ImportError:
            parser = _pure_parser
    return parser, yaml.YAMLError, yaml.events


def _pure_parser(text: str) -> Any:
    """PyYAML's own parser, for platforms whose wheel lacks libyaml: same events, same marks."""
    import yaml

    return yaml.Loader(text)


Parser, YAMLError, events = _load()
