"""What the rules about disclosure look for: commands that trace or print, files that hold secrets or are shipped."""

from __future__ import annotations

from ..model.buildspec import Buildspec
from ..syntax.shell.nodes import Simple
from .outflow import is_secret
from .paths import base_of, known, plain_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.shell import Script

#: Commands whose whole output is a secret: the words behind the program's name.
FETCHES = {
    "aws": (
        ("secretsmanager", "get-secret-value"),
        ("secretsmanager", "batch-get-secret-value"),
        ("sts", "assume-role"),
        ("sts", "assume-role-with-web-identity"),
        ("sts", "get-session-token"),
        ("ecr", "get-login-password"),
        ("ecr-public", "get-login-password"),
        ("ecr", "get-authorization-token"),
        ("codeartifact", "get-authorization-token"),
        ("configure", "export-credentials"),
    ),
    "vault": (("kv", "get"), ("read",)),
    "gcloud": (("auth", "print-access-token"), ("auth", "print-identity-token")),
    "op": (("read",),),
}
FETCH_MARKS = ("get-", "assume-role", "export-credentials", "vault", "gcloud", "op ")
OF_SECRET = ("secretstring", "secretbinary", "value", "credentials", "token", "password", "key", "parameter")
VALUED = ("--query", "--output", "--region", "--profile", "--secret-id", "--name", "--names")


def tracing(simple: Simple, sign: str) -> int:
    """The index of the argument that turns tracing on (`-`) or off (`+`), or -1."""
    before = ""
    for at, word in enumerate(simple.args):
        raw = word.raw
        if raw == "xtrace" and before.startswith(sign) and before.endswith("o"):
            return at
        if raw[:1] not in "-+" or raw in ("-", "--") or raw.startswith("--"):
            if before[-1:] != "o":
                break
        elif raw[0] == sign and "x" in raw and raw[1:].isalpha() and "c" not in raw:
            return at
        before = raw
    return -1


def traced_secret(script: Script, simple: Simple, sections: dict[str, str]) -> str:
    """The first secret that is used while commands are traced."""
    end = len(script.text)
    for other in script.commands:
        if other.start > simple.start and other.name == "set" and tracing(other, "+") >= 0:
            end = other.start
            break
    if simple.name != "set":
        end = simple.end
    for expansion in script.expansions:
        if simple.start < expansion.start < end and expansion.role != "heredoc":
            if is_secret(expansion.name, sections):
                return expansion.name
    for made in script.assignments:
        if simple.start < made.start < end and made.value is not None and "$(" in made.value.raw:
            if is_secret(made.name, sections):
                return made.name
    return ""


def prints_all(simple: Simple) -> bool:
    if len(simple.words) != len(simple.args) + 1 or simple.assigns:
        return False  # behind `sudo`, or with a variable of its own
    words = [word.raw for word in simple.args]
    if simple.name in ("env", "printenv"):
        return words in ([], ["-0"])
    if simple.name == "set":
        return not words
    if simple.name == "export":
        return words in ([], ["-p"])
    if simple.name not in ("declare", "typeset"):
        return False
    return words in (["-x"], ["-p"], ["-xp"], ["-px"], [])


def secret_file(path: str) -> bool | None:
    """Does a file hold secrets: for certain, perhaps (`.env`), or not at all (None)?"""
    folder, _, name = path.rpartition("/")
    if (folder.endswith(".aws") and name == "credentials") or name in (
        ".netrc",
        ".git-credentials",
        ".pypirc",
    ):
        return True
    if name in ("id_rsa", "id_ed25519", "id_ecdsa", "id_dsa") or (
        folder.endswith(".docker") and name == "config.json"
    ):
        return True
    if name == ".env" or (
        name.startswith(".env.") and not name.endswith(("example", "sample", "template", "dist"))
    ):
        return False
    return None


def shipped(spec: Buildspec) -> list[tuple[str, str]]:
    """`(base directory, entry)` of all files of artifacts that are known."""
    found = []
    for artifact in spec.artifacts():
        base = base_of(artifact.node)
        if artifact.base_directory is not None and not base:
            continue
        if artifact.node.get("exclude-paths") is None:
            found += [(base, plain_path(entry.value)) for entry in artifact.files if known(entry.value)]
    return found


def ships(shipped: list[tuple[str, str]], path: str) -> bool | None:
    """Is a file in an artifact by its own name, by a pattern (False), or not (None)?"""
    path = plain_path(path)
    if not path or path[0] in "/~$":
        return None
    found: bool | None = None
    for base, entry in shipped:
        whole = f"{base}/{entry}" if base else entry
        if whole == path:
            return True
        if entry in ("**/*", "**") and (not base or path.startswith(base + "/")):
            found = False
    return found


#: What a path holds that should not leave the build, by the part that tells it.
PRIVATE = {
    ".env": "the settings with their secrets",
    ".git": "the history of the repository",
    ".aws": "credentials of AWS",
    ".ssh": "keys",
    ".netrc": "passwords",
    ".git-credentials": "passwords",
    "id_rsa": "a private key",
    "id_ed25519": "a private key",
    ".pem": "a private key",
    ".p12": "a private key",
    ".pfx": "a private key",
}


def private_path(entry: str) -> str:
    """The part of a path that tells that it is private, or ""."""
    if not known(entry) or entry.startswith("!"):
        return ""
    parts = [part for part in entry.split("/") if part not in ("", ".", "**", "*")]
    for part in parts:
        if part in (".git", ".aws", ".ssh", ".netrc", ".git-credentials", "id_rsa", "id_ed25519"):
            return part
    name = parts[-1] if parts else ""
    if name == ".env" or (name in (".env.production", ".env.prod", ".env.local", ".env*", ".env.*")):
        return ".env"
    lower = name.lower()
    if lower.endswith((".pem", ".p12", ".pfx")) and not any(word in entry.lower() for word in _OPEN_KEYS):
        return lower[-4:]
    return ""


#: Words in the names of certificates, which are public.
_OPEN_KEYS = (
    "cert",
    "ca.",
    "ca-",
    "ca_",
    "chain",
    "bundle",
    "public",
    "pub",
    "root",
    "rds",
    "global",
    "truststore",
)
