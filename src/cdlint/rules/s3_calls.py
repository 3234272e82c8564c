"""How `aws s3` reads its command line."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.buildspec import Buildspec, Command
    from ..syntax.shell import Simple, Word

VALUED = (
    "--profile", "--region", "--output", "--endpoint-url", "--query", "--ca-bundle", "--color", "--cli-read-timeout",
    "--cli-connect-timeout", "--cli-binary-format", "--acl", "--sse", "--sse-kms-key-id", "--sse-c", "--sse-c-key",
    "--storage-class", "--website-redirect", "--content-type", "--cache-control", "--content-disposition",
    "--content-encoding", "--content-language", "--expires", "--source-region", "--page-size", "--exclude",
    "--include", "--metadata", "--metadata-directive", "--copy-props", "--expected-size", "--request-payer",
    "--expires-in", "--index-document", "--error-document", "--grants", "--sse-c-copy-source",
    "--sse-c-copy-source-key", "--checksum-algorithm", "--checksum-mode", "--cli-auto-prompt",
)  # fmt: skip


class S3Call:
    """A call of `aws s3 …`: the subcommand, its paths and its options."""

    __slots__ = ("command", "flags", "paths", "simple", "sub")

    def __init__(self, command: Command, simple: Simple, sub: Word, paths: list[Word]) -> None:
        self.command = command
        self.simple = simple
        self.sub = sub
        self.paths = paths
        self.flags = {word.plain.partition("=")[0] for word in simple.args if word.is_option}

    @property
    def name(self) -> str:
        return self.sub.plain

    @property
    def unknown(self) -> bool:
        """May a variable bring options or further paths?"""
        return any(word.variable and "/" not in word.raw and word.raw[0] == "$" for word in self.simple.args)


def s3_calls(spec: Buildspec, *names: str) -> list[S3Call]:
    """The calls of some subcommands (of any, if none is named)."""
    return [call for call in spec.once(_all_calls) if not names or call.name in names]


def _all_calls(spec: Buildspec) -> list[S3Call]:
    found = []
    for command, simple in spec.calls("aws"):
        operands = simple.operands(*VALUED)
        if len(operands) < 2 or operands[0].raw != "s3" or operands[1].literal is None:
            continue
        paths = operands[2:]
        if any(word.raw == "--grants" for word in simple.args):
            paths = [word for word in paths if "=uri=" not in word.plain and "=id=" not in word.plain]
        found.append(S3Call(command, simple, operands[1], paths))
    return found


def is_uri(word: Word) -> bool:
    return word.plain.startswith("s3://")


def known_local(word: Word) -> bool:
    """Is it a path of this machine, whatever its variables hold?"""
    text = word.plain
    if text.startswith("${"):
        return text.startswith(("${PWD}/", "${CODEBUILD_SRC_DIR}/", "${HOME}/"))
    if "%" in text or "{{" in text:
        return False  # a template fills it in
    return bool(text) and text != "-" and not text.startswith(("$", "`", "<", "{", "s3:", "S3:"))
