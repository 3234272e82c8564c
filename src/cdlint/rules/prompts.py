"""Commands that want a person: those that ask, and those that run until they are stopped."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.shell import Simple, Word

    #: Severity (None: the rule's own), message, help.
    Question = tuple["str | None", str, str]
    #: Severity, the word to point at, message, help.
    Endless = tuple["str | None", Word, str, str]

_TERRAFORM_VALUED = (
    "-var", "-var-file", "-target", "-state", "-state-out", "-backup", "-lock-timeout", "-parallelism", "-replace",
)  # fmt: skip
_EDITORS = frozenset("vi vim nvim nano emacs pico joe".split())
#: Variables by which a file answers beforehand.
_ANSWERED = {
    "terraform": ("TF_CLI_ARGS",),
    "tofu": ("TF_CLI_ARGS",),
    "terragrunt": ("TF_CLI_ARGS", "TERRAGRUNT_", "TG_NON_INTERACTIVE"),
    "pulumi": ("PULUMI_SKIP_CONFIRMATIONS",),
}
_PRUNED = frozenset("system image container volume network builder buildx".split())


def asks(simple: Simple, text: str) -> Question | None:
    """The question that a command asks, if it does; `text` is that of the whole file."""
    if any(mark in text for mark in _ANSWERED.get(simple.name, ())):
        return None
    check = ASKING.get(simple.name)
    return check(simple) if check is not None else None


def never_ends(simple: Simple) -> Endless | None:
    """Why a command does not end by itself, if it does not."""
    check = ENDLESS.get(simple.name)
    found = check(simple) if check is not None else None
    return found if found is None or not _has_variable(simple) else None


def _has_variable(simple: Simple) -> bool:
    return any(word.literal is None and word.raw[:1] == "$" for word in simple.args)


def _options(simple: Simple) -> set[str]:
    return {word.plain.partition("=")[0] for word in simple.args if word.is_option}


def _subcommand(simple: Simple) -> str:
    return next((word.plain for word in simple.args if not word.is_option), "")


def _terraform(simple: Simple) -> Question | None:
    operands = simple.operands(*_TERRAFORM_VALUED)
    sub = operands[0].plain if operands else ""
    if sub not in ("apply", "destroy") or len(operands) > 1 or _has_variable(simple):
        return None
    if {
        "-auto-approve",
        "--auto-approve",
        "-help",
        "--terragrunt-non-interactive",
        "--non-interactive",
    } & _options(simple):
        return None
    return (
        None,
        f"`{simple.name} {sub}` asks for a `yes`, and in a build nobody answers: it fails.",
        "Apply a plan that was written by `plan -out=FILE`, or add `-auto-approve`.",
    )


def _cdk(simple: Simple) -> Question | None:
    sub, options = _subcommand(simple), _options(simple)
    if sub == "deploy" and not options & {"--require-approval", "--hotswap", "--method"}:
        return (
            "info",
            "`cdk deploy` asks before it widens permissions, and in a build it then fails.",
            "Add `--require-approval never` if the change was reviewed.",
        )
    if sub == "destroy" and not options & {"--force", "-f"} and not _has_variable(simple):
        return None, "`cdk destroy` asks whether to go on, and in a build nobody answers.", "Add `--force`."
    return None


def _sam(simple: Simple) -> Question | None:
    if _subcommand(simple) == "deploy" and _options(simple) & {"--guided", "-g"}:
        return (
            None,
            "`sam deploy --guided` asks for every setting, and in a build nobody answers.",
            "Leave `--guided` out, and keep the settings in `samconfig.toml`.",
        )
    return None


def _docker(simple: Simple) -> Question | None:
    words = [word.plain for word in simple.args]
    if len(words) < 2 or words[0] not in _PRUNED or words[1] != "prune" or _has_variable(simple):
        return None
    short = "".join(word for word in words if word[:1] == "-" and word[:2] != "--")
    if "--force" in words or "f" in short.replace("--filter", "") or "--help" in words:
        return None
    return (
        None,
        f"`docker {words[0]} prune` asks whether to go on; nobody answers, and it removes nothing.",
        "Add `--force`.",
    )


def _editor(simple: Simple) -> Question | None:
    if any(
        word.raw[:2] in ("-e", "-E", "-s", "-c", "+", "--") or word.raw[:1] == "+" for word in simple.args
    ):
        return None
    return (
        None,
        f"`{simple.name}` is an editor that wants a terminal, and a build has none.",
        "Use `sed` or `tee`.",
    )


def _copy(simple: Simple) -> Question | None:
    letters = "".join(word.raw for word in simple.args if word.is_option and not word.raw.startswith("--"))
    if ("i" in letters or "--interactive" in _options(simple)) and "f" not in letters and "y" not in letters:
        return (
            None,
            f"`{simple.name} -i` asks before each file; nobody answers, and nothing is done.",
            "Leave `-i` out.",
        )
    return None


def _read(simple: Simple) -> Question | None:
    if "-p" in _options(simple) and not simple.inside("function"):
        return (
            None,
            "`read -p` waits for an answer, and in a build nobody gives one.",
            "Pass the value in a variable.",
        )
    return None


def _npm(simple: Simple) -> Question | None:
    operands = simple.operands("-w", "--workspace", "--prefix")
    if (
        len(operands) == 1
        and operands[0].raw == "init"
        and not _options(simple) & {"-y", "--yes", "-yes", "-f"}
    ):
        if simple.name == "yarn" and _options(simple) & {"-2", "-p", "-w", "-i"}:
            return None
        return None, f"`{simple.name} init` asks for every field, and in a build nobody answers.", "Add `-y`."
    return None


def _aws(simple: Simple) -> Question | None:
    operands = simple.operands("--profile", "--region", "--output", "--query")
    if [word.raw for word in operands] == ["configure"] and not _has_variable(simple):
        return (
            None,
            "`aws configure` asks for keys, and in a build nobody answers; the role of the build gives them.",
            "Leave it out, or use `aws configure set NAME VALUE`.",
        )
    return None


def _eb(simple: Simple) -> Question | None:
    operands = simple.operands("-p", "--platform", "-r", "--region", "-k", "--keyname")
    if [word.raw for word in operands] == ["init"] and not _options(simple) & {"-p", "--platform"}:
        return (
            "info",
            "`eb init` asks for the platform and the application.",
            "Name them: `eb init -p PLATFORM APP`.",
        )
    if operands and operands[0].raw == "terminate" and not _options(simple) & {"--force", "-nh"}:
        return "info", "`eb terminate` asks for the name of the environment.", "Add `--force`."
    return None


def _serverless(simple: Simple) -> Question | None:
    if not simple.args:
        return "info", f"`{simple.name}` alone asks what to do.", f"Name the command: `{simple.name} deploy`."
    return None


def _pulumi(simple: Simple) -> Question | None:
    sub = _subcommand(simple)
    if sub not in ("up", "update", "destroy", "refresh") or _has_variable(simple):
        return None
    if _options(simple) & {"--yes", "-y", "--preview-only", "--skip-preview"}:
        return None
    return None, f"`pulumi {sub}` wants a `yes`, and refuses to run without a terminal.", "Add `--yes`."


def _amplify(simple: Simple) -> Question | None:
    if _subcommand(simple) in ("push", "publish", "init") and not _options(simple) & {"--yes", "-y"}:
        return "info", "The Amplify CLI asks before it goes on.", "Add `--yes`."
    return None


def _top(simple: Simple) -> Question | None:
    if simple.name == "top" and any("b" in word.raw or "l" in word.raw for word in simple.args):
        return None
    return None, f"`{simple.name}` wants a terminal, and a build has none.", "Use `ps aux`, or `top -b -n 1`."


ASKING = {
    "terraform": _terraform, "tofu": _terraform, "terragrunt": _terraform, "cdk": _cdk, "sam": _sam, "docker": _docker,
    "podman": _docker, **dict.fromkeys(_EDITORS, _editor), "rm": _copy, "mv": _copy, "cp": _copy, "read": _read,
    "npm": _npm, "yarn": _npm, "aws": _aws, "eb": _eb, "serverless": _serverless, "sls": _serverless,
    "pulumi": _pulumi, "amplify": _amplify, "top": _top, "htop": _top,
}  # fmt: skip


def _server(word: Word, what: str, severity: str | None = "info") -> Endless:
    return (
        severity,
        word,
        f"{what} runs until it is stopped, and the build waits for it until it times out.",
        "Start it in the background, with `&`, if a test needs it.",
    )


def _words(simple: Simple) -> list[Word]:
    return [word for word in simple.args if not word.is_option]


def _ng(simple: Simple) -> Endless | None:
    words = _words(simple)
    sub = next((word for word in words if word.raw != "ng"), None)
    if sub is None:
        return None
    if sub.raw in ("serve", "s"):
        return _server(sub, "`ng serve`", None)
    if sub.raw in ("test", "t") and not {"--watch", "--no-watch", "--configuration", "-c"} & _options(simple):
        return (
            "info",
            sub,
            "`ng test` watches the files and does not end, unless `karma.conf.js` says otherwise.",
            "Write `ng test --watch=false`.",
        )
    return None


def _script(simple: Simple) -> Endless | None:
    words = _words(simple)
    if words and words[0].raw in ("run", "run-script"):
        words = words[1:]
    if len(words) == 1 and words[0].raw in ("start", "serve", "dev", "watch"):
        return _server(words[0], f"`{simple.name} {words[0].raw}`, as a rule,")
    return None


#: The words that start a web server, for each program.
_SERVERS = {
    "flask": ("run",), "rails": ("server", "s"), "hugo": ("server", "serve"), "jekyll": ("serve", "s"),
    "mkdocs": ("serve",), "php": ("-S",),
}  # fmt: skip


def _web_server(simple: Simple) -> Endless | None:
    args = simple.args
    if args and args[0].raw in _SERVERS[simple.name]:
        return _server(args[0], "A web server")
    return None


def _python(simple: Simple) -> Endless | None:
    args = simple.args
    words = [word.raw for word in args[:2]]
    module = words in (["-m", "http.server"], ["-m", "SimpleHTTPServer"])
    if module or (len(words) > 1 and words[0].endswith("manage.py") and words[1] == "runserver"):
        return _server(args[1], "A web server")
    return None


def _watched(simple: Simple) -> Endless | None:
    words = _words(simple)
    tool = simple.name if simple.name != "npx" else words[0].raw
    short = tool in ("tsc", "webpack", "rollup")
    for word in simple.args:
        if word.raw in ("--watch", "--watchAll", "--watch=true") or (word.raw == "-w" and short):
            return (
                None,
                word,
                f"`{tool} {word.raw}` watches the files and does not end: the build waits until it times out.",
                "Leave the option out.",
            )
    return None


def _npx(simple: Simple) -> Endless | None:
    """`npx tsc --watch`: as if `tsc` were called."""
    words = _words(simple)
    tool = words[0].raw if words else ""
    if tool == "ng":
        return _ng(simple)
    if ENDLESS.get(tool) is _watched or tool == "mocha":
        return _watched(simple)
    if tool in ("http-server", "serve", "nodemon", "live-server"):
        return _server(words[0], f"`{tool}`")
    return None


def _tail(simple: Simple) -> Endless | None:
    if simple.parent is not None and simple.parent.kind == "pipeline":
        return None
    found = next((word for word in simple.args if word.raw in ("-f", "-F", "--follow")), None)
    return _server(found, "`tail -f`", None) if found is not None else None


def _watch(simple: Simple) -> Endless | None:
    if simple.first is None or {"-g", "--chgexit", "-e", "--errexit"} & _options(simple):
        return None
    return _server(simple.first, "`watch`", None)


def _sleep(simple: Simple) -> Endless | None:
    args = simple.args
    return _server(args[0], "`sleep infinity`", None) if args and args[0].raw in ("infinity", "inf") else None


def _always(simple: Simple) -> Endless | None:
    if simple.first is None or {"--version", "-v", "--help", "-D", "--daemon"} & _options(simple):
        return None
    return _server(simple.first, f"`{simple.name}`")


ENDLESS = {
    "ng": _ng, "npm": _script, "yarn": _script, "pnpm": _script, "python": _python, "python3": _python,
    **dict.fromkeys(_SERVERS, _web_server),
    "tsc": _watched, "webpack": _watched, "rollup": _watched, "jest": _watched, "vite": _watched, "vitest": _watched,
    "npx": _npx, "tail": _tail, "watch": _watch, "sleep": _sleep, "nodemon": _always, "http-server": _always,
    "live-server": _always, "uvicorn": _always, "gunicorn": _always,
}  # fmt: skip
