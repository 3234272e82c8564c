"""How zip and tar read their command lines."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.shell import Simple, Word

#: zip's options that take the next word, and those that take all words up to the next option.
_ZIP_VALUED = frozenset(
    "-b -n -t -tt -O --out --output-file -P --password -s --split-size -sp -Z -TT --unzip-command".split()
)
_ZIP_LISTS = frozenset(("-x", "--exclude", "-i", "--include"))
_TAR_VALUED = (
    "-f", "--file", "-C", "--directory", "-T", "--files-from", "-X", "--exclude-from", "--exclude", "--transform",
    "--xform", "--owner", "--group", "--mtime", "--mode", "-I", "--use-compress-program", "-b", "-g", "-H", "-K",
    "-L", "-N", "-V", "--label", "--format", "--strip-components", "--warning",
)  # fmt: skip


def flags(simple: Simple) -> list[Word]:
    """The options of single letters."""
    return [word for word in simple.args if word.is_option and not word.raw.startswith("--")]


class ZipCall:
    """How `zip` reads its words: does it go down into folders, and what are its operands?"""

    __slots__ = ("modifies", "operands", "recursive", "stdin")

    def __init__(self, simple: Simple) -> None:
        self.recursive = self.stdin = self.modifies = False
        self.operands: list[Word] = []
        listing = False
        skip = False
        for word in simple.args:
            text = word.plain
            if skip:
                skip = False
            elif word.is_option:
                listing = text in _ZIP_LISTS or text[:2] in ("-x", "-i")
                skip = text in _ZIP_VALUED
                self._option(text)
            elif not listing:
                self.operands.append(word)

    def _option(self, text: str) -> None:
        if text.startswith("--"):
            self.recursive |= text.startswith("--recurse")
            self.modifies |= text in ("--delete", "--update", "--copy", "--freshen", "--filesync")
            return
        self.recursive |= "r" in text or "R" in text
        self.stdin |= "@" in text
        self.modifies |= "d" in text or "U" in text


class TarCall:
    """How `tar` reads its words. `glued` is the text behind the `f` of `-cfz`."""

    __slots__ = ("archive", "create", "glued", "late", "listed", "operands", "options")

    def __init__(self, simple: Simple) -> None:
        self.archive: Word | None = None
        self.create = self.listed = False
        self.glued = ""
        self.operands: list[Word] = []
        self.options: list[tuple[str, Word, Word | None]] = []
        #: `-C` and `--exclude` behind the first file.
        self.late: list[Word] = []
        args = simple.args
        if args and not args[0].raw.startswith("-"):
            self._old(args)
            return
        self.operands = simple.operands(*_TAR_VALUED)
        self.options = simple.options(*_TAR_VALUED)
        for name, word, value in self.options:
            self.create |= name in ("-c", "--create")
            self.listed |= name in ("-T", "--files-from")
            if name in ("-f", "--file") and self.archive is None:
                self.archive = value
                letters = word.raw[1:]
                if name == "-f" and value is not None and not letters.endswith("f") and "f" in letters:
                    self.glued = letters[letters.index("f") + 1 :]
        if self.operands:
            last = self.operands[-1].start
            self.late = [
                word
                for name, word, _ in self.options
                if name in ("-C", "--directory", "--exclude", "-X", "--exclude-from") and word.start > last
            ]

    def _old(self, args: list[Word]) -> None:
        """`tar czf x.tgz dir`: the words of the letters follow in their order."""
        letters = args[0].literal or ""
        if not letters.isalpha() or not {"c", "x", "t", "r", "u"} & set(letters):
            return
        self.create = "c" in letters
        self.listed = "T" in letters
        rest = args[1:]
        for letter in letters:
            if letter in "fCTXbI" and rest:
                word = rest.pop(0)
                if letter == "f":
                    self.archive = word
        skip = False
        for word in rest:
            if skip:
                skip = False
                continue
            if word.is_option:
                skip = word.raw in _TAR_VALUED
                self.listed |= word.plain.startswith(("-T", "--files-from"))
                self.options.append((word.plain.partition("=")[0], word, None))
            else:
                self.operands.append(word)
        if self.operands:
            self.late = [
                word
                for name, word, _ in self.options
                if name in ("-C", "--directory", "--exclude") and word.start > self.operands[-1].start
            ]
