"""CD311–CD319: `aws s3` in commands."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec
from ..wording import closest, listed
from . import rule
from .s3_calls import VALUED, S3Call, is_uri, known_local, s3_calls
from .tracing import earlier, made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell import Simple, Word

_SUBCOMMANDS = ("cp", "mv", "sync", "ls", "rm", "mb", "rb", "presign", "website")
_MEANT = {
    "upload": "cp", "download": "cp", "copy": "cp", "put": "cp", "get": "cp", "put-object": "cp", "get-object": "cp",
    "move": "mv", "remove": "rm", "delete": "rm", "del": "rm", "list": "ls", "dir": "ls", "create": "mb",
    "mkdir": "mb", "rmdir": "rb", "rsync": "sync",
}  # fmt: skip
#: Endings that only files have.
_FILES = (
    ".zip", ".json", ".html", ".htm", ".js", ".css", ".yml", ".yaml", ".tgz", ".gz", ".tar", ".jar", ".war", ".txt",
    ".xml", ".csv", ".pdf", ".png", ".jpg", ".svg", ".ico", ".md", ".sh", ".py", ".exe", ".whl", ".deb", ".rpm",
)  # fmt: skip
#: Folders that are never files.
_FOLDERS = frozenset(
    "dist build out public _site coverage node_modules storybook-static .next cdk.out".split()
)
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_OLD_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_UNKNOWN = frozenset("$`{}%<>")


@rule("CD311", "s3-uri-malformed", Severity.ERROR)
def s3_uri_malformed(spec: Buildspec) -> Iterator[Finding]:
    """What should be an S3 address is none, so the AWS CLI takes it for a local path.

    An address begins with `s3://`, in small letters. With anything else `aws s3 cp` and its siblings refuse
    the command, since they want at least one address. Source: AWS CLI reference, `s3`; AWS CLI, tried out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 cp app.zip s3:/releases-of-app/app.zip
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 sync dist https://site-of-app.s3.amazonaws.com/
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp app.zip s3://releases-of-app/app.zip
              - aws s3 sync dist "$TARGET"
    """
    for call in s3_calls(spec, "cp", "mv", "sync", "rm", "mb", "rb"):
        wrong = False
        for word in call.paths:
            better = _repaired(word.plain)
            if better is None:
                continue
            wrong = True
            yield _malformed(call, word, better)
        if wrong or call.unknown:
            continue
        if call.name in ("rm", "mb", "rb"):
            for word in call.paths[:1]:
                if known_local(word):
                    yield _malformed(call, word, "s3://" + word.plain)
        elif len(call.paths) == 2 and all(known_local(word) for word in call.paths):
            second = call.paths[1]
            path = second.plain.startswith((".", "/", "~")) or second.plain.startswith("${")
            yield _malformed(call, second, "" if path else "s3://" + second.plain)


def _repaired(text: str) -> str | None:
    """The address that was meant, or None where nothing is wrong to see; "" where it is not clear."""
    if text.startswith("s3://"):
        if text.startswith("s3:///") and text[6:7]:
            return "s3://" + text[5:].lstrip("/")
        return None
    lower = text.lower()
    for start in ("s3://", "s3:/", "s3//", "s3:\\\\", "s3;//", "s3.://", "s3::/", "s3:"):
        if lower.startswith(start):
            return "s3://" + text[len(start) :].lstrip("/")
    if lower.startswith(("https://", "http://")) and "amazonaws.com" in lower:
        host, _, key = text.partition("://")[2].partition("/")
        bucket = host.partition(".s3")[0]
        if bucket == host or "amazonaws" in bucket:
            return f"s3://{key}" if host.startswith(("s3.", "s3-")) else ""
        return f"s3://{bucket}/{key}"
    if text.startswith("arn:aws:s3:::"):
        return "s3://" + text[len("arn:aws:s3:::") :]
    return None


def _malformed(call: S3Call, word: Word, better: str) -> Finding:
    edit = None
    # Only where the text itself stands there: variables were rewritten in `plain`.
    if better and word.literal is not None and word.raw == word.plain:
        edit = call.command.edit(word.start, word.end, better)
    elif better.startswith("s3://") and word.raw.lower().startswith("s3:/$"):
        edit = call.command.edit(word.start, word.start + 4, "s3://")
    safe = not word.plain.startswith(("http", "arn:")) and word.plain.lower().startswith("s3")
    return Finding(
        call.command.span_of(word),
        f"`{word.plain}` is no address of S3, so the AWS CLI refuses the command."
        if call.name not in ("cp", "mv", "sync") or word.plain.lower().startswith(("s3", "http", "arn"))
        else f"Neither path of `aws s3 {call.name}` is an address of S3, so the AWS CLI refuses the command.",
        help=f"Write `{better}`." if better else "One of the two begins with `s3://`.",
        fix=Fix(f"Write `{better}`", [edit], safe=safe) if edit is not None else None,
    )


@rule("CD312", "s3-bucket-name-invalid", Severity.WARNING)
def s3_bucket_name_invalid(spec: Buildspec) -> Iterator[Finding]:
    """No bucket can have this name.

    Names of buckets have 3 to 63 small letters, digits, hyphens and dots, and begin and end with a letter or a
    digit. Only buckets made in us-east-1 before March 2018 may have other names. Source: AWS, "General purpose
    bucket naming rules".

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 cp app.zip s3://my_bucket/app.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp app.zip s3://my-bucket/app.zip
              - aws s3 cp app.zip "s3://$BUCKET/app.zip"
    """
    for call in s3_calls(spec):
        for word in call.paths:
            at = word.raw.find("s3://")
            if is_uri(word) and at >= 0:
                yield from _bucket(call.command, word, word.plain[5:].partition("/")[0], at + 5, call.name)
    for command, simple in spec.calls("aws", "sam"):
        value = simple.option("--s3-bucket")
        if value is not None and value.literal:
            yield from _bucket(command, value, value.literal, value.raw.find(value.literal), "")


def _bucket(command: Command, word: Word, name: str, at: int, sub: str) -> Iterator[Finding]:
    fault = _fault(name)
    if not fault:
        return
    if word.raw[at : at + len(name)] == name:
        span = command.span(word.start + at, word.start + at + len(name))
    else:
        span = command.span_of(word)
    never = sub == "mb" or not _OLD_LETTERS.issuperset(name)
    yield Finding(
        span,
        f"`{name}` is no name for a bucket: {fault}."
        + ("" if never else " Only buckets of before 2018 in us-east-1 may have such names."),
        help="Names have 3 to 63 small letters, digits, hyphens and dots.",
        severity=Severity.ERROR if never else None,
    )


def _fault(name: str) -> str:
    if not name or not _UNKNOWN.isdisjoint(name) or name.startswith("arn:"):
        return ""
    if "_" in name:
        return "it has an underscore"
    if name != name.lower():
        return "it has capital letters"
    odd = sorted({char for char in name if char not in _LETTERS and char not in ".-"})
    if odd:
        return f"it has `{odd[0]}`" if odd[0] != " " else "it has a blank"
    if not 3 <= len(name) <= 63:
        return f"it has {len(name)} characters"
    if name[0] not in _LETTERS or name[-1] not in _LETTERS:
        return "it begins or ends with a mark"
    if ".." in name:
        return "it has two dots in a row"
    parts = name.split(".")
    if len(parts) == 4 and all(part.isdigit() for part in parts):
        return "it looks like an IP address"
    return ""


@rule("CD313", "s3-copy-folder-without-recursive", Severity.ERROR)
def s3_copy_folder_without_recursive(spec: Buildspec) -> Iterator[Finding]:
    """`aws s3 cp` is given a folder, but not `--recursive`.

    Without `--recursive` it copies one object. The upload of a folder fails, and so does the command.
    Source: AWS CLI reference, `s3 cp`; AWS CLI, tried out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 cp dist/ s3://site-of-app/
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp dist/ s3://site-of-app/ --recursive
              - aws s3 cp dist/app.js s3://site-of-app/
    """
    for call in s3_calls(spec, "cp", "mv"):
        if call.flags & {"--recursive", "-r", "-R"} or len(call.paths) != 2:
            continue
        source, target = call.paths
        severity = _folder(spec, source, target)
        if severity is None:
            continue
        at = call.sub.end
        edit = call.command.edit(at, at, " --recursive")
        yield Finding(
            call.command.span_of(source),
            f"`{source.raw}` is a folder, and without `--recursive` `aws s3 {call.name}` takes one object only: "
            "the command fails."
            if not is_uri(source)
            else f"Without `--recursive` `aws s3 {call.name}` takes one object only, of exactly this name.",
            help="Add `--recursive`, or use `aws s3 sync`.",
            fix=Fix("Add `--recursive`", [edit], safe=True) if edit is not None else None,
            severity=severity,  # type: ignore[arg-type]
        )


def _folder(spec: Buildspec, source: Word, target: Word) -> str | None:
    """How certain it is that the source is a folder; None if it is not known to be one."""
    text = source.plain
    if is_uri(source):
        if "*" in text:
            return None
        key = text[5:].partition("/")[2]
        # The console makes an empty object for a folder, which can be copied.
        return Severity.WARNING if text.endswith("/") and key and known_local(target) else None
    if text in (".", "..") or (text.endswith("/") and not text.startswith("<")):
        return Severity.ERROR
    if source.literal is None or not is_uri(target):
        return None
    name = text.removeprefix("./")
    return Severity.WARNING if name in _FOLDERS or (name in made(spec) and "." not in name) else None


@rule("CD314", "s3-wildcard", Severity.WARNING)
def s3_wildcard(spec: Buildspec) -> Iterator[Finding]:
    """`aws s3` is given a wildcard.

    The AWS CLI knows no wildcards in paths. Unquoted, the shell puts all files that match in their place, and
    more than one is refused as `Unknown options`. Quoted, or in an address of S3, the star is taken for a
    star. Source: AWS CLI reference, `s3`, "Use of Exclude and Include Filters"; AWS CLI, tried out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 cp dist/* s3://site-of-app/
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 rm "s3://site-of-app/old/*"
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp dist/ s3://site-of-app/ --recursive --exclude "*" --include "*.html"
              - aws s3 rm s3://site-of-app/old/ --recursive
    """
    for call in s3_calls(spec, "cp", "mv", "sync", "rm", "ls"):
        for word in call.paths:
            if "*" not in word.plain or "$(" in word.plain or "`" in word.plain:
                continue
            severity: str | None = None
            if is_uri(word):
                message = "The AWS CLI knows no wildcards: it looks for a key with a star in its name."
                if call.name in ("cp", "mv", "sync"):
                    severity = Severity.ERROR if word is call.paths[0] else None
            elif not word.is_glob:
                message = (
                    "In quotes the star reaches the AWS CLI, which takes it for part of the file's name."
                )
                severity = Severity.ERROR if word.literal is not None else None
            else:
                message = "The shell puts all files that match here, and the AWS CLI takes one path only."
                name = word.plain.rpartition("/")[2]
                severity = None if name in ("*", "*.*") else Severity.INFO
            yield Finding(
                call.command.span_of(word),
                message,
                help='Give the folder, with `--recursive --exclude "*" --include "*.zip"`.',
                severity=severity,  # type: ignore[arg-type]
            )


@rule("CD315", "s3-file-taken-for-folder", Severity.ERROR)
def s3_file_taken_for_folder(spec: Buildspec) -> Iterator[Finding]:
    """`aws s3 sync`, or `cp --recursive`, is given a single file.

    Both work on folders. The AWS CLI puts a slash behind the path, finds nothing there, and copies nothing.
    Source: AWS CLI, tried out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 sync app.zip s3://releases-of-app/
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp app.zip s3://releases-of-app/
              - aws s3 sync dist s3://releases-of-app/
    """
    for call in s3_calls(spec, "sync", "cp", "mv"):
        if call.name != "sync" and "--recursive" not in call.flags:
            continue
        if len(call.paths) != 2:
            continue
        source = call.paths[0]
        if is_uri(source) or not known_local(source) or source.is_glob or not source.plain.endswith(_FILES):
            continue
        if source.plain.removeprefix("./") in made(spec):
            continue
        sync = call.name == "sync"
        edit = call.command.edit(call.sub.start, call.sub.end, "cp") if sync else None
        others = call.flags & {"--delete", "--exact-timestamps", "--size-only"}
        yield Finding(
            call.command.span_of(source),
            f"`aws s3 {call.name}` takes folders{'' if sync else ' with `--recursive`'}, and `{source.raw}` is a "
            "file: nothing is copied, and the command fails.",
            help="Use `aws s3 cp`" + ("." if sync else " without `--recursive`."),
            fix=Fix("Use `aws s3 cp`", [edit], safe=False) if edit is not None and not others else None,
        )


@rule("CD316", "s3-sync-delete-checkout", Severity.WARNING)
def s3_sync_delete_checkout(spec: Buildspec) -> Iterator[Finding]:
    """The whole checkout replaces what is in the bucket.

    `aws s3 sync . … --delete` in the source folder uploads everything in it, `.git`, the buildspec and files
    with secrets too, and deletes whatever else is in the bucket.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - npm run build
      >       - aws s3 sync . s3://site-of-app --delete
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm run build
              - aws s3 sync dist s3://site-of-app --delete
    """
    for call in s3_calls(spec, "sync"):
        if "--delete" not in call.flags or "--exclude" in call.flags or len(call.paths) != 2:
            continue
        source, target = call.paths
        if source.plain not in (".", "./", "${CODEBUILD_SRC_DIR}", "${CODEBUILD_SRC_DIR}/"):
            continue
        if known_local(target) or "--dryrun" in call.flags:
            continue
        if source.plain[0] == "." and _moved(spec, call):
            continue
        built = next((word for _, word in _of_build(spec, call)), "")
        yield Finding(
            call.command.span_of(source),
            f"`{source.raw}` is the source folder: all of it goes to the bucket, and `--delete` removes everything "
            "else there.",
            help="Give the folder that was built"
            + (f", such as `{built}`" if built else "")
            + ", or leave out what is not meant with `--exclude`.",
        )


def _moved(spec: Buildspec, call: S3Call) -> bool:
    """Did a command that ran before go to another folder?"""
    return any(simple.name in ("cd", "pushd") for _, simple in earlier(spec, call.command, call.simple))


def _of_build(spec: Buildspec, call: S3Call) -> Iterator[tuple[Simple, str]]:
    """Folders that other commands name as their output."""
    for _, simple in earlier(spec, call.command, call.simple):
        for word in simple.args:
            text = word.plain.rstrip("/").removeprefix("./")
            if text in _FOLDERS and text != "node_modules":
                yield simple, text


@rule("CD317", "s3-subcommand-unknown", Severity.ERROR)
def s3_subcommand_unknown(spec: Buildspec) -> Iterator[Finding]:
    """`aws s3` has no such command.

    Its commands are `cp`, `mv`, `sync`, `ls`, `rm`, `mb`, `rb`, `presign` and `website`. Anything else is refused
    with the usage text. Source: AWS CLI reference, `s3`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 copy app.zip s3://releases-of-app/
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp app.zip s3://releases-of-app/
              - aws s3api head-bucket --bucket releases-of-app
    """
    for call in s3_calls(spec):
        name = call.name
        if name in _SUBCOMMANDS or name == "help" or not name.replace("-", "").isalpha():
            continue
        meant = _MEANT.get(name.lower()) or closest(name, _SUBCOMMANDS)
        edit = call.command.edit(call.sub.start, call.sub.end, meant) if meant else None
        # `aws s3 put-object` was meant for `s3api`, whose options are others.
        safe = "-" not in name and name.lower() not in ("create", "dir", "mkdir", "rmdir")
        yield Finding(
            call.command.span_of(call.sub),
            f"`aws s3` has no command `{name}`; it has {listed(f'`{one}`' for one in _SUBCOMMANDS)}.",
            help=f"Write `aws s3 {meant}`." if meant else "Other operations are in `aws s3api`.",
            fix=Fix(f"Write `{meant}`", [edit], safe=safe) if edit is not None and "-" not in name else None,
        )


@rule("CD318", "s3-path-missing", Severity.ERROR)
def s3_path_missing(spec: Buildspec) -> Iterator[Finding]:
    """`aws s3 cp`, `mv` or `sync` is given one path.

    All three want a source and a target, and end with status 2 and the usage text without. Source: AWS CLI
    reference, `s3`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 cp s3://releases-of-app/app.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp s3://releases-of-app/app.zip .
              - aws s3 ls s3://releases-of-app
    """
    for call in s3_calls(spec, "cp", "mv", "sync"):
        if len(call.paths) > 1 or "help" in (word.raw for word in call.paths):
            continue
        if any(word.literal is None and word.raw[0] in "$`" for word in call.simple.args):
            continue  # more than one path may come out of it
        if any(word.is_glob for word in call.paths) or call.simple.redirects:
            continue
        options = [word.plain for word in call.simple.args if word.is_option]
        unknown = [one for one in options if one.startswith("--") and "=" not in one and one not in _KNOWN]
        if unknown:
            continue
        yield Finding(
            call.command.span(call.sub.start, call.paths[-1].end if call.paths else call.sub.end),
            f"`aws s3 {call.name}` wants a source and a target, and gets "
            + ("one path." if call.paths else "neither."),
            help=f"Write `aws s3 {call.name} SOURCE TARGET`; for this folder the target is `.`.",
        )


_KNOWN = frozenset(
    (
        *VALUED, "--recursive", "--quiet", "--only-show-errors", "--delete", "--dryrun", "--no-progress", "--debug",
        "--exact-timestamps", "--size-only", "--follow-symlinks", "--no-follow-symlinks", "--no-sign-request",
        "--no-guess-mime-type", "--no-verify-ssl", "--no-paginate", "--force-glacier-transfer",
        "--ignore-glacier-warnings", "--no-cli-pager", "--human-readable", "--summarize", "--no-overwrite",
    )
)  # fmt: skip


@rule("CD319", "s3-option-unknown", Severity.ERROR)
def s3_option_unknown(spec: Buildspec) -> Iterator[Finding]:
    """`aws s3` does not know this option.

    Options are not those of `cp` and `rsync`: `-r` is `--recursive`, `--dry-run` is `--dryrun`; `sync` goes into
    folders by itself, and only `sync` deletes. The AWS CLI ends with `Unknown options`. Source: AWS CLI
    reference, `s3`; AWS CLI, tried out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 cp -r dist s3://site-of-app/
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 sync dist s3://site-of-app/ --recursive
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 cp dist s3://site-of-app/ --recursive
              - aws s3 sync dist s3://site-of-app/ --delete
    """
    for call in s3_calls(spec, "cp", "mv", "rm", "sync"):
        values = {value.start for _, _, value in call.simple.options(*VALUED) if value is not None}
        for word in call.simple.args:
            if word.start in values or word.raw[:1] != "-":
                continue
            better = _better(call.name, word.raw)
            if better is None:
                continue
            start = word.start if better else word.start - 1
            edit = call.command.edit(start, word.end, better)
            yield Finding(
                call.command.span_of(word),
                f"`aws s3 {call.name}` has no option `{word.raw}`: it ends with `Unknown options`.",
                help=f"Write `{better}`." if better else _without(call.name, word.raw),
                fix=Fix(
                    f"Write `{better}`" if better else "Remove the option",
                    [edit],
                    safe=word.raw != "--delete",
                )
                if edit is not None
                else None,
            )


def _better(sub: str, option: str) -> str | None:
    """The option that was meant; "" where none is needed, None where the option is right or not known here."""
    if option in ("-r", "-R", "--recurse", "--recursive", "-a"):
        if sub == "sync":
            return ""
        return None if option == "--recursive" else "--recursive" if option != "-a" else None
    if option == "--dry-run":
        return "--dryrun"
    if option == "--delete" and sub != "sync":
        return ""
    if option in ("-q", "--silent"):
        return "--quiet"
    return "" if option in ("-f", "-rf", "--force") and sub != "rm" else None


def _without(sub: str, option: str) -> str:
    return "Only `aws s3 sync` has it." if option == "--delete" else f"Leave it out: `{sub}` needs none."
