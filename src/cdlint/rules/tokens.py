"""What credentials look like: the shapes of tokens, and the names and values of secret variables.

Nothing here gives a secret back: a `Token` knows its place, its kind and the public beginning of its text.
"""

from __future__ import annotations

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_DIGITS = "0123456789"
_ALNUM = frozenset(_LOWER + _UPPER + _DIGITS)
_CODE = frozenset(_UPPER + _DIGITS)
_HEX = frozenset("abcdef" + _DIGITS)
_URLSAFE = _ALNUM | frozenset("-_")
_BASE64 = _ALNUM | frozenset("+/=")

#: Prefix, what it begins, how many characters follow at least, which ones, how many exactly (0: any
#: number), and how grave it is: `error` where nothing else looks like it and all of them are secret.
_SHAPES = (
    ("AKIA", "an AWS access key", 16, _CODE, 16, "error"),
    ("ASIA", "a temporary AWS access key", 16, _CODE, 16, "error"),
    ("ghp_", "a GitHub token", 30, _ALNUM, 0, "error"),
    ("gho_", "a GitHub token", 30, _ALNUM, 0, "error"),
    ("ghu_", "a GitHub token", 30, _ALNUM, 0, "error"),
    ("ghs_", "a GitHub token", 30, _ALNUM, 0, "error"),
    ("ghr_", "a GitHub token", 30, _ALNUM, 0, "error"),
    ("github_pat_", "a GitHub token", 40, _URLSAFE, 0, "error"),
    ("glpat-", "a GitLab token", 20, _URLSAFE, 0, "error"),
    ("xoxa-", "a Slack token", 16, _URLSAFE, 0, "error"),
    ("xoxb-", "a Slack token", 16, _URLSAFE, 0, "error"),
    ("xoxp-", "a Slack token", 16, _URLSAFE, 0, "error"),
    ("xoxr-", "a Slack token", 16, _URLSAFE, 0, "error"),
    ("xoxs-", "a Slack token", 16, _URLSAFE, 0, "error"),
    ("hooks.slack.com/services/", "the secret address of a Slack webhook", 30, _ALNUM | {"/"}, 0, "warning"),
    ("sk_live_", "a Stripe key", 16, _ALNUM, 0, "error"),
    ("rk_live_", "a Stripe key", 16, _ALNUM, 0, "error"),
    ("npm_", "an npm token", 36, _ALNUM, 36, "error"),
    ("pypi-AgEI", "a PyPI token", 40, _URLSAFE, 0, "error"),
    ("dckr_pat_", "a Docker Hub token", 20, _URLSAFE, 0, "error"),
    ("AIza", "a Google API key", 35, _URLSAFE, 35, "warning"),
    ("SG.", "a SendGrid key", 60, _URLSAFE | {"."}, 0, "error"),
    ("SK", "a Twilio key", 32, _HEX, 32, "warning"),
    ("sk-ant-", "an Anthropic key", 24, _URLSAFE, 0, "error"),
    ("sk-proj-", "an OpenAI key", 24, _URLSAFE, 0, "error"),
    ("sk-", "an OpenAI key", 40, _ALNUM, 0, "error"),
    ("eyJ", "a signed token (JWT)", 40, _URLSAFE | {"."}, 0, "warning"),
)
#: Prefixes so telling that a shorter rest is a credential too, as likely as not cut or mistyped.
_TELLING = ("ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "dckr_pat_")
#: Prefixes that also occur within words and within other encoded texts.
_SHORT = ("AKIA", "ASIA", "AIza", "SG.", "SK", "sk-", "eyJ")
_NOT_BEFORE = _ALNUM | {"_"}
_NOT_BEFORE_SHORT = _BASE64 - {"="} | _URLSAFE
_SECRET_KEY = ("secret_access_key", "secretaccesskey", "secret-access-key", "aws_secret_key")
#: What stands in a text that only shows where a secret belongs.
_SHOWN = tuple(
    "example changeme change-me change_me changeit your xxxx **** ... placeholder redacted replace insert todo"
    " sample dummy < …".split()
)
#: Further words that say of a value that nothing depends on it.
_HARMLESS = tuple("test fake mock local foobar nosecret notused unused insecure none null".split())

_ASSETS = frozenset(
    "PASSWORD PASSWD PASSPHRASE PASSCODE SECRET TOKEN APIKEY CREDENTIAL CREDENTIALS SECRETKEY".split()
)
_KEYS = frozenset("API PRIVATE ACCESS AUTH ENCRYPTION SIGNING SECRET MASTER DEPLOY".split())
#: Last words of names that tell something about a secret, not the secret.
ABOUT = frozenset(
    "ARN ARNS NAME NAMES ID IDS PATH PATHS FILE FILES FILENAME URL URI PARAM PARAMETER PARAMETERS LENGTH EXPIRY"
    " EXPIRES EXPIRATION TTL TIMEOUT HOST PORT ENDPOINT REGION TYPE VERSION PREFIX SUFFIX DIR ENABLED DISABLED"
    " REQUIRED ISSUER AUDIENCE ALGORITHM HEADER POLICY COUNT LIMIT SIZE MIN MAX USER USERNAME ROLE STORE MANAGER"
    " BACKEND PROVIDER SERVICE REF LOCATION FIELD LABEL TAG SSM SECONDS MINUTES HOURS DAYS STATUS EXISTS STAGE"
    " SCOPE SCOPES FORMAT ALIAS BUCKET TABLE COMMAND CMD SCRIPT SOURCE MODE LIFETIME DURATION"
    " DOMAIN OWNER IN AGE".split()
)
_YES_OR_NO = frozenset(
    "USE NO ENABLE DISABLE SKIP HAS IS WITH ALLOW REQUIRE REQUIRES SHOW MAX MIN NUM".split()
)
#: Beginnings of names whose values are built into pages that everybody can read.
_PUBLIC = ("NEXT_PUBLIC_", "REACT_APP_", "VITE_", "VUE_APP_", "GATSBY_", "EXPO_PUBLIC_", "NUXT_PUBLIC_")


class Token:
    """A credential at `start`..`end`. `prefix` is what may be shown of it, `severity` how sure it is."""

    __slots__ = ("end", "kind", "prefix", "severity", "start")

    def __init__(self, start: int, end: int, kind: str, prefix: str, severity: str) -> None:
        self.start = start
        self.end = end
        self.kind = kind
        self.prefix = prefix
        self.severity = severity


def tokens(text: str) -> list[Token]:
    """All credentials with a known shape, those left out that only show where one belongs."""
    found: list[Token] = []
    for shape in _SHAPES:
        if shape[0] in text:
            found += _shaped(text, shape)
    lower = text.lower()
    for name in _SECRET_KEY:
        if name in lower:
            found += _secret_keys(text, lower, name)
    if "PRIVATE KEY" in text:
        found += _private_keys(text)
    found.sort(key=lambda token: (token.start, -token.end))
    kept: list[Token] = []
    for token in found:
        if not kept or token.start >= kept[-1].end:
            kept.append(token)
    return kept


def _shaped(text: str, shape: tuple[str, str, int, frozenset[str], int, str]) -> list[Token]:
    prefix, kind, least, alphabet, exact, severity = shape
    found: list[Token] = []
    at = text.find(prefix)
    while at >= 0:
        start = at + len(prefix)
        end = _run(text, start, alphabet)
        at, begin = text.find(prefix, max(start, end)), at
        if begin and text[begin - 1] in (_NOT_BEFORE_SHORT if prefix in _SHORT else _NOT_BEFORE):
            if prefix[0] != "h":
                continue
        body = text[start:end].rstrip("-_.=/")
        end = start + len(body)
        if end < len(text) and text[end] in _ALNUM:
            continue
        level = severity
        if len(body) < least or (exact and len(body) != exact):
            if prefix not in _TELLING or len(body) < 10:
                continue
            level = "warning"
        if not is_placeholder(body) and _fits(prefix, body):
            found.append(Token(begin, end, kind, "" if prefix[0] == "h" else prefix[:4], level))
    return found


def _run(text: str, at: int, alphabet: frozenset[str]) -> int:
    while at < len(text) and text[at] in alphabet:
        at += 1
    return at


def _fits(prefix: str, body: str) -> bool:
    """What the alphabet alone does not say about a shape."""
    digits = any(char in _DIGITS for char in body)
    if prefix == "eyJ":
        parts = body.split(".")
        well_known = "eyJzdWIiOiIxMjM0NTY3ODkw"
        return (
            len(parts) == 3 and parts[1].startswith("eyJ") and len(parts[2]) >= 20 and well_known not in body
        )
    if prefix == "SG.":
        parts = body.split(".")
        return len(parts) == 2 and len(parts[0]) >= 16 and len(parts[1]) >= 32
    if prefix in ("npm_", "sk-"):
        return digits and body != body.lower()
    if prefix in ("xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "glpat-"):
        return digits
    if prefix[0] == "h":
        return body.count("/") >= 2 and digits
    return True


def _secret_keys(text: str, lower: str, name: str) -> list[Token]:
    """The 40 characters of a secret key of AWS behind its name."""
    found = []
    at = lower.find(name)
    while at >= 0:
        start = at + len(name)
        stop = min(start + 6, len(text))
        while start < stop and text[start] in " \t\"'=:\\":
            start += 1
        end = _run(text, start, _BASE64)
        body = text[start:end]
        mixed = body != body.lower() and body != body.upper() and any(char in _DIGITS for char in body)
        if len(body) == 40 and mixed and start > at + len(name) and not is_placeholder(body):
            found.append(Token(start, end, "a secret access key of AWS", "", "error"))
        at = lower.find(name, at + len(name))
    return found


def _private_keys(text: str) -> list[Token]:
    """`-----BEGIN … PRIVATE KEY-----` with a key behind it; the header alone is no secret."""
    found = []
    at = text.find("-----BEGIN ")
    while at >= 0:
        close = text.find("-----", at + 11)
        head = text[at + 11 : close]
        at, begin = text.find("-----BEGIN ", at + 11), at
        if close < 0 or len(head) > 40 or not head.endswith(("PRIVATE KEY", "PRIVATE KEY BLOCK")):
            continue
        behind = text[close + 5 : close + 600].partition("-----")[0].replace("\\n", " ")
        body = max(behind.split(), key=len, default="").strip("\"'\\,;")
        if len(body) >= 32 and _BASE64.issuperset(body) and not is_placeholder(body):
            severity = "warning" if head.startswith("ENCRYPTED") or "ENCRYPTED" in behind else "error"
            found.append(Token(begin, close + 5, "a private key", "", severity))
    return found


def is_placeholder(text: str) -> bool:
    """Does it only show where a secret belongs?"""
    lower = text.lower()
    return len(set(lower)) <= 3 or any(word in lower for word in _SHOWN)


def words_of(name: str) -> list[str]:
    """The words of a name in capitals: `dbPassword`, `DB_PASSWORD` and `db-password` have the same."""
    pieces: list[str] = []
    before = ""
    for char in name:
        if not char.isalnum():
            char = " "
        elif char.isupper() and before.islower():
            pieces.append(" ")
        pieces.append(char)
        before = char
    return "".join(pieces).upper().split()


def names_secret(name: str) -> bool:
    """Does a variable of this name hold a secret, and not something about one?"""
    words = words_of(name)
    if (
        not words
        or words[-1] in ABOUT
        or words[0] in _YES_OR_NO
        or "PUBLIC" in words
        or "PUBLISHABLE" in words
    ):
        return False
    if (
        words[-1] == "TOKEN"
        and len(words) > 1
        and words[-2] in ("NEXT", "PAGE", "CONTINUATION", "CANCELLATION")
    ):
        return False
    if not _ASSETS.isdisjoint(words) or (words[-1] in ("PASS", "PWD", "PASSWD") and len(words) > 1):
        return True
    if any(word.endswith(("PASSWORD", "PASSWD", "SECRET", "TOKEN", "APIKEY")) for word in words):
        return True
    return any(word == "KEY" and before in _KEYS for before, word in zip(words, words[1:], strict=False))


def is_published(name: str) -> bool:
    """Do build tools put the variable into pages that everybody can read?"""
    return name.startswith(_PUBLIC)


def is_plausible(value: str) -> bool:
    """Could a value be the secret itself: not a name, a path, an address or a place-holder?"""
    text = value.strip()
    if len(text) < 6 or len(text) > 4096 or any(char.isspace() for char in text):
        return False
    if text[0] in "/.~<%" or "://" in text or "${" in text or "$(" in text or "{{" in text or "[[" in text:
        return False
    lower = text.lower()
    if lower.startswith(("arn:", "ssm:", "secretsmanager:", "!ref", "!sub")) or is_placeholder(text):
        return False
    if any(word in lower for word in _HARMLESS):
        return False
    if text.isdigit():
        return len(text) >= 8
    parts = lower
    for mark in "_./:@":
        parts = parts.replace(mark, "-")
    pieces = [piece for piece in parts.split("-") if piece]
    return not all(_is_word(piece) for piece in pieces)


def _is_word(piece: str) -> bool:
    """`db`, `password`, `2024`, `v2`, `eu1`: what names are made of."""
    if piece.isalpha() or (piece.isdigit() and len(piece) <= 4):
        return True
    letters = piece.rstrip(_DIGITS)
    return letters.isalpha() and len(letters) <= 3 and len(piece) - len(letters) <= 2
