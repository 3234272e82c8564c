"""Where what a command prints ends up, and which variables are secrets: for the rules of security."""

from __future__ import annotations

from ..model.buildspec import Buildspec, pairs
from ..syntax.shell.nodes import Redirect, Simple, Statement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.buildspec import Command
    from ..syntax.shell.nodes import Expansion

#: Files that are the log.
_LOG = ("/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/1", "/dev/fd/2")
#: Programs that print what they read, as it is or in a form that can be turned back.
_COPIERS = frozenset(
    "cat tee base64 base32 rev tr sed awk xxd od hexdump fold nl sort uniq fmt jq yq openssl".split()
)
#: Words of names that are no secret, even of what comes from Secrets Manager.
_OPEN = frozenset(
    "HOST HOSTNAME PORT USER USERNAME LOGIN REGION ENDPOINT URL URI ARN NAME DATABASE DB DBNAME SCHEMA ACCOUNT ENGINE"
    " BUCKET REPO REPOSITORY ORG DOMAIN EMAIL ENV ENVIRONMENT STAGE VERSION TAG ID CLUSTER REGISTRY PROJECT"
    " IMAGE SERVICE IP ADDRESS LEVEL FLAG BRANCH".split()
)

#: Words of the names of addresses that hold a password.
_STORES = frozenset("DATABASE DB POSTGRES POSTGRESQL MYSQL MONGO MONGODB REDIS AMQP RABBITMQ BROKER".split())


class Stdout:
    """Where standard output goes: `kind` is `log`, `file` (with `target`), `pipe`, `captured` or `nowhere`."""

    __slots__ = ("kind", "target")

    def __init__(self, kind: str, target: Redirect | None = None) -> None:
        self.kind = kind
        self.target = target


def stdout_of(statement: Statement) -> Stdout:
    """Where the standard output of a statement goes in the end; a copy in between counts as nothing."""
    at: Statement | None = statement
    while at is not None:
        moved = _redirected(at)
        if moved is not None:
            return moved
        around = at.parent
        if around is None:
            break
        if around.kind in ("substitution", "function") or isinstance(around, Simple):
            return Stdout("captured")
        if around.kind == "pipeline" and around.parts and around.parts[-1] is not at:
            followers = _behind(around, at)
            if not all(_copies(follower) for follower in followers):
                return Stdout("pipe")
            return stdout_of(around.parts[-1])
        at = around
    return Stdout("log")


def _redirected(statement: Statement) -> Stdout | None:
    for redirect in reversed(statement.redirects):
        if redirect.fd not in ("", "1") or redirect.op not in (">", ">>", ">|", "&>", "&>>", ">&"):
            continue
        target = redirect.target.literal if redirect.target is not None else None
        if redirect.op == ">&" and target is not None and (target.isdigit() or target == "-"):
            if target == "-":
                return Stdout("nowhere")
            continue
        if target == "/dev/null":
            return Stdout("nowhere")
        if target not in _LOG:
            return Stdout("file", redirect)
    return None


def _behind(pipeline: Statement, member: Statement) -> list[Statement]:
    for at, part in enumerate(pipeline.parts):
        if part is member:
            return pipeline.parts[at + 1 :]
    return []


def _copies(statement: Statement) -> bool:
    """Does it print, whole, what it reads?"""
    if not isinstance(statement, Simple) or statement.name not in _COPIERS:
        return False
    if statement.name == "openssl":
        return any(word.raw in ("base64", "enc") for word in statement.args)
    if statement.name in ("sed", "awk", "tr", "jq"):
        # What takes characters away may well take the secret away.
        text = " ".join(word.raw for word in statement.args)
        return not any(
            mark in text for mark in ("*", "length", "substr", "-c ", "-cd", "-dc", "keys", "del(")
        )
    return True


def encoders(statement: Statement) -> bool:
    """Is the output turned into another form, which CodeBuild does not know to hide?"""
    around = statement.parent
    if around is None or around.kind != "pipeline":
        return False
    return any(
        isinstance(one, Simple) and one.name not in ("cat", "tee", "nl") for one in _behind(around, statement)
    )


def declared(spec: Buildspec) -> dict[str, str]:
    """The variables from Parameter Store and Secrets Manager, each with its section."""
    found: dict[str, str] = {}
    for section in ("parameter-store", "secrets-manager"):
        for key, _ in pairs(spec.get("env", section)):
            found.setdefault(key.value, section)
    return found


def is_secret(name: str, sections: dict[str, str]) -> bool:
    """Is a variable a secret: by its name, or by where it comes from and no harmless name?"""
    from .tokens import ABOUT, names_secret, words_of

    if names_secret(name):
        return True
    if name not in sections:
        return False
    words = words_of(name)
    if not words or "WEBHOOK" in words or "CONNECTION" in words or "DSN" in words:
        return bool(words)
    if words[-1] in ("URL", "URI") and not _STORES.isdisjoint(words):
        return True
    return sections[name] == "secrets-manager" and words[-1] not in _OPEN and words[-1] not in ABOUT


def shows(expansion: Expansion) -> bool:
    """Does an expansion give the whole value: not its length, a part of it, or whether it is set?"""
    if expansion.op in ("length", ":+", "+", ":", "indirect"):
        return False
    return not (expansion.op in ("%", "%%", "#", "##", "/", "//") and "*" in expansion.argument)


def explained(spec: Buildspec, command: Command, start: int, *words: str) -> bool:
    """Does a comment beside the place, or on the lines above it, speak of the matter?"""
    text = spec.document.text
    place = command.span(start, start).start
    first = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    line = text[first : end if end >= 0 else len(text)]
    said = line.partition(" #")[2]
    while first > 0:
        before = text.rfind("\n", 0, first - 1) + 1
        above = text[before : first - 1].strip()
        if not above.startswith("#"):
            break
        said += above
        first = before
    said = said.lower()
    return any(word in said for word in words)
