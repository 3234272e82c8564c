"""What `cdlint package` can be told, on the command line or in the configuration, and what holds otherwise."""

from __future__ import annotations

from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of these only one can be meant; the command line's lies over the configuration's.
DESTINATIONS = ("to", "pipeline", "output")
#: The settings of the configuration and the type of each; the names are those of the options.
KEYS: dict[str, type] = {
    "to": str,
    "pipeline": str,
    "action": str,
    "output": str,
    "branch": list,
    "check": bool,
    "working-tree": bool,
    "include": list,
    "exclude": list,
    "git": str,
    "git-remote": str,
    "compressor": str,
    "level": int,
    "region": str,
    "profile": str,
    "endpoint-url": str,
    "sse": str,
    "kms-key": str,
    "start": bool,
    "wait": bool,
    "timeout": str,
}
CHOICES = {
    "git": ("shallow", "full", "none"),
    "compressor": ("auto", "libdeflate", "zlib", "store"),
    "sse": ("AES256", "aws:kms"),
}
BRANCHES = ("master", "main")
#: As small as Info-ZIP's 6 on source texts, and a fifth faster (measured: docs/dependencies.md).
LEVEL = 5
_UNITS = {"s": 1, "m": 60, "h": 3600}
_LONGEST = 7 * 24 * 3600


class Settings:
    """The settings of one run, with their types and defaults."""

    def __init__(self, options: Mapping[str, object], configured: Mapping[str, object]) -> None:
        """`options`: by the names of attributes, None or False where not given; `configured`: as in `KEYS`.

        Raises:
            PackageError: Settings that do not go together, or have no meaning.
        """
        given = {name: value for name, value in options.items() if value not in (None, False)}
        base = {name.replace("-", "_"): value for name, value in configured.items()}
        if any(name in given for name in DESTINATIONS):
            for name in (*DESTINATIONS, "action"):
                base.pop(name, None)
        if given.get("any_branch"):
            base.pop("branch", None)
        every = {**base, **given}

        def text(name: str) -> str | None:
            value = every.get(name)
            return None if value is None else str(value)

        def texts(name: str) -> tuple[str, ...]:
            value = every.get(name)
            return tuple(value) if isinstance(value, (list, tuple)) else ()

        self.to = text("to")
        self.pipeline = text("pipeline")
        self.action = text("action")
        self.output = text("output")
        self.folder = text("folder")
        self.branches = texts("branch") or BRANCHES
        self.any_branch = bool(every.get("any_branch"))
        self.check = not given.get("no_check") and base.get("check") is not False
        self.ref = None if text("ref") == "HEAD" else text("ref")
        self.working_tree = bool(every.get("working_tree"))
        self.include = texts("include")
        self.exclude = texts("exclude")
        self.git = text("git") or "shallow"
        self.git_remote = text("git_remote")
        self.compressor = text("compressor") or "auto"
        self.level = _number("level", text("level"), LEVEL, 1, 9)
        self.threads = _number("jobs", text("jobs"), 0, 1, 256) or None
        self.region = text("region")
        self.profile = text("profile")
        self.endpoint = text("endpoint_url")
        self.sse = text("sse")
        self.kms_key = text("kms_key")
        self.force = bool(every.get("force"))
        self.start = bool(every.get("start"))
        self.wait = bool(every.get("wait"))
        self.timeout = _seconds(text("timeout"))
        self.dry_run = bool(every.get("dry_run"))
        self.json = bool(every.get("json"))
        self.report = text("report")
        self.quiet = bool(every.get("quiet"))
        self._refuse()

    def _refuse(self) -> None:
        """Say what does not go together."""
        wanted = [name for name in DESTINATIONS if getattr(self, name)]
        if not wanted:
            raise PackageError(
                "say where to: --to s3://BUCKET/KEY.zip, --pipeline NAME, or --output FILE to upload nothing"
            )
        if len(wanted) > 1 and wanted != ["to", "pipeline"]:
            raise PackageError(f"--{wanted[0]} and --{wanted[1]} exclude each other")
        if self.output and (self.start or self.wait):
            raise PackageError("--output uploads nothing: there is no execution to start or to wait for")
        if (self.start or self.wait) and not self.pipeline:
            raise PackageError("--start and --wait need --pipeline NAME, beside --to or instead of it")
        if self.action and not self.pipeline:
            raise PackageError("--action is the name of an action of --pipeline NAME, which is not given")
        if self.ref and self.working_tree:
            raise PackageError("--ref and --working-tree exclude each other")
        if self.git_remote and self.git == "none":
            raise PackageError("--git-remote has no meaning with --git none")
        if self.kms_key and self.sse != "aws:kms":
            raise PackageError("--kms-key needs --sse aws:kms")


def _number(name: str, given: str | None, default: int, least: int, most: int) -> int:
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 9 and least <= int(given) <= most):
        raise PackageError(f"--{name}: `{given}` is no number from {least} to {most}")
    return int(given)


def _seconds(given: str | None) -> float:
    """`90`, `90s`, `30m` or `2h` in seconds; an hour where nothing is given."""
    if given is None:
        return 3600.0
    digits, unit = (given[:-1], given[-1]) if given[-1:] in _UNITS else (given, "s")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9):
        raise PackageError(f"--timeout: `{given}` is no time; write 90s, 30m or 2h")
    seconds = int(digits) * _UNITS[unit]
    if not 0 < seconds <= _LONGEST:
        raise PackageError(f"--timeout: `{given}` is not between a second and a week")
    return float(seconds)
