"""CD420–CD422: code and input from elsewhere."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec
from ..syntax.shell.nodes import Simple, Statement
from . import rule
from .env import variables
from .outflow import explained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..source import Span
    from ..syntax.shell import Word
    from . import injection

SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash"))
_OTHERS = frozenset("python python2 python3 node perl ruby php".split())
#: Options of curl that take a value.
CURL = tuple(
    (
        "-o -H -d -X -u -A -e -b -c -F -T -m -w -x -K -C -r -Y -y -z -E -t -Q -P --output --header --data --request"
        " --user --user-agent --url --retry --retry-delay --retry-max-time --max-time --connect-timeout --proto"
        " --cacert --cert --key --resolve --connect-to --proxy --form --upload-file --write-out --data-raw"
        " --data-binary"
    ).split()
)


@rule("CD420", "script-from-network", Severity.WARNING)
def script_from_network(spec: Buildspec) -> Iterator[Finding]:
    """What a server sends is run at once, as `curl … | sh`.

    The shell runs whatever arrives, as root and with the rights of the build's role. Without `-f` curl prints
    the server's error page and succeeds, so that the shell runs HTML, or an empty script, and the build goes on
    without the tool. With `https` and `-f` this is advice: the script may still change from one build to the next.
    A script at a fixed commit is left alone.

    Bad:
        version: 0.2
        phases:
          install:
            commands:
      >       - curl -sL https://get.example.sh | sh
    Good:
        version: 0.2
        phases:
          install:
            commands:
              - curl -fsSL -o install.sh https://get.example.net/install.sh
              - echo "$INSTALL_SHA256  install.sh" | sha256sum -c -
              - sh install.sh
    """
    for command, simple in spec.calls("curl", "wget"):
        runner = _runner(simple)
        if runner is None:
            continue
        url = next((word.plain for word in simple.args if "://" in word.plain), "")
        if _is_near(url) or _is_pinned(url) or url.startswith("file:"):
            continue
        if simple.name == "wget" and not _prints(simple):
            continue
        if explained(spec, command, simple.start, "trusted", "checksum"):
            continue
        plain = url.startswith("http://")
        fails = simple.name == "wget" or _fails(simple)
        if plain:
            message = (
                "This runs a script that comes over http: whoever sits in between can put in another one."
            )
            remedy = "Use https; better, download it, compare its checksum, and run it then."
        elif not fails:
            message = (
                "This runs whatever the server sends, and without `-f` also the text of an error page; the build "
                "does not notice a failed download."
            )
            remedy = (
                "Download it with `curl -fsSL -o`, compare its checksum, and run it; at the least add `-f`."
            )
        else:
            message = (
                "This runs whatever the server sends today, as root and with the rights of the build's role."
            )
            remedy = "Download it, compare its checksum, and run it; or take a package or an image that has the tool."
        yield Finding(
            command.span_of(runner),
            message,
            help=remedy,
            severity=None if plain or not fails else Severity.INFO,
        )


def _runner(simple: Simple) -> Word | None:
    """The word that names the interpreter which runs what a command prints."""
    at: Statement = simple
    while at.parent is not None:
        around = at.parent
        if around.kind == "pipeline":
            place = next((n for n, part in enumerate(around.parts) if part is at), len(around.parts))
            for part in around.parts[place + 1 :]:
                if isinstance(part, Simple) and reads_code(part):
                    return part.first
                if isinstance(part, Simple) and part.name in ("sha256sum", "gpg", "shasum"):
                    return None
        elif isinstance(around, Simple):
            return _takes(around, at)
        at = around
    return None


def reads_code(simple: Simple) -> bool:
    """Does it run what comes through a pipe?"""
    words = [word.raw for word in simple.args]
    if simple.name in SHELLS:
        if any(word[:1] == "-" and word[1:2] != "-" and "c" in word for word in words):
            return False
        operands = [word for word in words if word[:1] != "-"]
        return not operands or "-s" in words or operands[0] == "/dev/stdin"
    if simple.name in _OTHERS:
        return not words or words[0] in ("-", "/dev/stdin")
    return False


def _takes(simple: Simple, inner: Statement) -> Word | None:
    """The interpreter, where what a substitution gives is its program."""
    if simple.name == "eval":
        return simple.first
    if simple.name in ("source", "."):
        first = simple.args[0] if simple.args else None
        return simple.first if first is not None and first.raw.startswith("<(") else None
    if simple.name not in SHELLS and simple.name not in _OTHERS:
        return None
    flagged = False
    for word in simple.args:
        if word.start <= inner.start < word.end:
            return simple.first if flagged or word.raw.startswith("<(") else None
        flagged = word.raw[:1] == "-" and word.raw[1:2] != "-" and word.raw[-1:] in ("c", "e")
    return None


def _fails(simple: Simple) -> bool:
    """Does curl fail when the server does?"""
    return simple.has("-f", "--fail", "--fail-with-body") or any(
        name in ("-f", "--fail", "--fail-with-body") for name, _, _ in simple.options(*CURL)
    )


def _prints(simple: Simple) -> bool:
    words = " ".join(word.plain for word in simple.args)
    return "O-" in words or "O -" in words or "--output-document=-" in words or "/dev/stdout" in words


def _is_pinned(url: str) -> bool:
    """A part of the path is the id of a commit."""
    return any(
        len(part) == 40 and all(char in "0123456789abcdef" for char in part) for part in url.split("/")
    )


def _host(url: str) -> str:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return host if host.startswith("[") else host.partition(":")[0]


def _is_near(url: str) -> bool:
    """The build machine itself, or a container beside it."""
    host = (_host(url) if "://" in url else url.partition("/")[0].partition(":")[0]).lower()
    if not host or "$" in host or "`" in host:
        return False
    return (
        host.startswith(("127.", "0.0.0.0", "[::1]", "169.254."))
        or "." not in host
        or host.endswith(".local")
    )


#: Variables that switch the check off, and the values that do.
_SWITCHES = {
    "GIT_SSL_NO_VERIFY": ("1", "true", "yes", "on"),
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "PYTHONHTTPSVERIFY": ("0",),
    "NPM_CONFIG_STRICT_SSL": ("false",),
    "npm_config_strict_ssl": ("false",),
    "YARN_ENABLE_STRICT_SSL": ("false",),
}
_CA = "Add the certificate of the authority instead: "
#: Options of programs that switch it off.
_FLAGS = {
    "curl": (("-k", "--insecure"), f"{_CA}`--cacert file.pem`."),
    "wget": (("--no-check-certificate",), f"{_CA}`--ca-certificate=file.pem`."),
    "aws": (("--no-verify-ssl",), f"{_CA}`--ca-bundle file.pem`, or the variable `AWS_CA_BUNDLE`."),
    "kubectl": (("--insecure-skip-tls-verify",), f"{_CA}`--certificate-authority=file.pem`."),
    "helm": (
        ("--insecure-skip-tls-verify", "--kube-insecure-skip-tls-verify"),
        f"{_CA}`--ca-file file.pem`.",
    ),
}
_SETTINGS = {
    "npm": ("strict-ssl", f"{_CA}`npm config set cafile file.pem`."),
    "yarn": ("strict-ssl", f"{_CA}`yarn config set cafile file.pem`."),
    "pnpm": ("strict-ssl", f"{_CA}`pnpm config set cafile file.pem`."),
    "git": ("http.sslverify", f"{_CA}`git config --global http.sslCAInfo file.pem`."),
    "conda": ("ssl_verify", f"{_CA}`conda config --set ssl_verify file.pem`."),
}


@rule("CD421", "tls-check-off", Severity.WARNING)
def tls_check_off(spec: Buildspec) -> Iterator[Finding]:
    """A program no longer checks whom it talks to.

    `curl -k`, `npm config set strict-ssl false` and their like accept every certificate: who sits in between can
    hand the build other packages and read its tokens. Connections to the build machine itself are left alone,
    and so are those which a comment explains.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - curl -fsSk -O https://repo.example.net/tool.zip
    Bad:
        version: 0.2
        phases:
          install:
            commands:
      >       - npm config set strict-ssl false
              - npm ci
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - curl -fsS --cacert ca.pem -O https://repo.example.net/tool.zip
              - curl -fsSk https://localhost:8443/health
    """
    for key, value in variables(spec):
        if value.value.lower() in _SWITCHES.get(key.value, ()):
            yield _off(key.span)
    text = spec.document.text
    lower = text.lower()
    if "curl" not in lower and not any(
        mark in lower for mark in ("ssl", "tls", "insecure", "trusted", "no-check", "verify")
    ):
        return
    for command, simple in spec.calls(*_FLAGS, *_SETTINGS, "pip", "pip3", "python", "python3", "apt-get"):
        found = _switched_off(simple)
        if found is not None and not _is_explained(spec, command, simple.start):
            yield _off(command.span_of(found[0]), found[1])
    if not any(name in text for name in _SWITCHES):
        return
    for command, script in spec.scripts():
        for made in script.assignments:
            value_of = made.value.literal if made.value is not None else None
            if value_of is not None and value_of.lower() in _SWITCHES.get(made.name, ()):
                if not _is_explained(spec, command, made.start):
                    yield _off(command.span(made.start, made.end))


def _is_explained(spec: Buildspec, command: Command, start: int) -> bool:
    return explained(
        spec, command, start, "self-signed", "self signed", "certificate", "tls", "ssl", "insecure"
    )


def _off(span: Span, remedy: str = _CA.rstrip(": ") + ", for example with `NODE_EXTRA_CA_CERTS`.") -> Finding:
    return Finding(
        span,
        "This switches off the check of certificates: whoever sits in between can change what the build downloads "
        "and read what it sends.",
        help=remedy,
    )


def _switched_off(simple: Simple) -> tuple[Word, str] | None:
    """The word that switches the check off, and what to do instead."""
    name = simple.name
    if name in _FLAGS:
        flags, remedy = _FLAGS[name]
        if not any(word.raw[:1] == "-" for word in simple.args):
            return None
        for option, word, value in simple.options(*(CURL if name == "curl" else ())):
            if option in flags and (value is None or value.literal != "false"):
                urls = [one.plain for one in simple.args if "://" in one.plain]
                if name in ("curl", "wget"):
                    urls = urls or [one.plain for one in simple.operands(*CURL)]
                near = bool(urls) and all(_is_near(url) or url.startswith("http://") for url in urls)
                return None if near else (word, remedy)
        return None
    if name in _SETTINGS:
        return _setting(simple)
    if name in ("pip", "pip3", "python", "python3"):
        for option, word, value in simple.options("--trusted-host", "-m", "-c"):
            if option == "--trusted-host" and value is not None and not _is_near(value.plain):
                if name[:3] == "pip" or simple.args[0].raw == "-m":
                    return word, f"{_CA}`pip --cert file.pem`, or the variable `PIP_CERT`."
    if name == "apt-get":
        for word in simple.args:
            setting, _, value_of = word.plain.lower().partition("=")
            if setting.endswith(("verify-peer", "verify-host")) and value_of == "false":
                return word, f"{_CA}install it with `update-ca-certificates`."
    return None


def _setting(simple: Simple) -> tuple[Word, str] | None:
    """`npm config set strict-ssl false`, `git -c http.sslVerify=false clone`, `npm ci --strict-ssl=false` …"""
    name, remedy = _SETTINGS[simple.name]
    words = simple.args
    for at, word in enumerate(words):
        text = word.plain.lower()
        setting, equals, value = text.removeprefix("--").removeprefix("-c").partition("=")
        if not equals:
            value = words[at + 1].plain.lower() if at + 1 < len(words) else ""
        # git also takes the setting for one address: `http.https://host/.sslVerify`
        for_host = simple.name == "git" and setting.startswith("http.") and setting.endswith(".sslverify")
        if (setting == name or for_host) and value in ("false", "0", "no", "off"):
            return word, remedy
        if simple.name == "npm" and text == "--no-strict-ssl":
            return word, remedy
    return None


@rule("CD422", "webhook-value-as-code", Severity.WARNING)
def webhook_value_as_code(spec: Buildspec) -> Iterator[Finding]:
    """The name of a branch, or a commit's message, is run as code.

    Who opens a pull request chooses the name of its branch, and it may be `x$(curl…)` or `x;id`. In quotes the
    shell leaves it alone; `eval`, `sh -c "…"`, `ssh host "…"` and programs put together from it run what is in
    it, with the rights of the build's role. Variables made from such values count too, unless the file checks
    them (`case`, `[ "$X" = … ]`) or takes the dangerous characters away.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - eval "deploy --branch ${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}"
    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - BRANCH=${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}
      >       - bash -c "./deploy.sh $BRANCH"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - deploy --branch "${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/}"
              - bash -c './deploy.sh "$1"' deploy "$CODEBUILD_WEBHOOK_HEAD_REF"
    """
    from . import injection

    if not injection.concerns(spec.document.text):
        return
    for command, sink in injection.sinks(spec):
        origin = f" (from {sink.origin})" if sink.origin else ""
        yield Finding(
            command.span_of(sink.expansion),
            f"Others choose the text of `{sink.expansion.name}`{origin}, and {sink.how}: {_example(sink)}.",
            help=sink.help,
            severity=Severity.INFO if sink.mild else None,
        )


def _example(sink: injection.Sink) -> str:
    if "`sed`" in sink.how:
        return "a branch may be called `fix/a`, or worse"
    if sink.origin.startswith(("`git log", "`git show")):
        return "a message may hold `$(id)`"
    return "a branch may be called `x$(id)`"
