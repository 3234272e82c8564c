"""CD301–CD309: zip and tar, and what they are given."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec
from . import rule
from .archivers import TarCall, ZipCall, flags
from .tracing import FOLDERS, earlier, is_folder, made, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell import Simple, Word

_ARCHIVES = (".zip", ".tgz", ".tar.gz", ".tar", ".tar.bz2", ".tar.xz", ".tbz2", ".txz", ".jar", ".war", ".7z")
_COMPRESSED = (".tgz", ".gz", ".bz2", ".tbz2", ".xz", ".txz", ".zst")
_TAR_LETTERS = frozenset("cxtruzjJvpPkwmhOWSlaZUdBi")


def _names_archive(spec: Buildspec, word: Word, endings: tuple[str, ...] = (".zip",)) -> bool:
    """Does a word, or all that its variable is set to, end like an archive?"""
    if word.plain.lower().endswith(endings):
        return True
    found = values(spec, word.variable) if word.variable else []
    return bool(found) and all(value.lower().endswith(endings) for value in found)


def _swap(command: Command, first: Word, second: Word, *, safe: bool) -> Fix | None:
    """Put the archive (the second word) first; quotes around it where it is a bare variable."""
    archive = second.raw
    if second.variable and archive.startswith("$"):
        archive = f'"{archive}"'
    edits = [
        command.edit(first.start, first.end, archive),
        command.edit(second.start, second.end, first.raw),
    ]
    found = [edit for edit in edits if edit is not None]
    if len(found) < 2:
        return None
    return Fix("Name the archive first", found, safe=safe)


@rule("CD301", "zip-without-folder-content", Severity.WARNING)
def zip_without_folder_content(spec: Buildspec) -> Iterator[Finding]:
    """`zip` is given a folder, but not `-r`.

    Without `-r` zip stores the entry of the folder and nothing that is in it. With `.` there is not even such
    an entry, and zip fails because it has nothing to do. Source: Info-ZIP 3.0, tried out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - zip app.zip dist/
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - zip -r app.zip dist/
              - zip notes.zip README.md
    """
    for command, simple in spec.calls("zip"):
        read = ZipCall(simple)
        inputs = read.operands[1:]
        if read.recursive or read.stdin or read.modifies or not inputs:
            continue
        if len(inputs) > 1 and any(word.variable and not is_folder(word) for word in read.operands):
            continue  # the options may be in a variable
        folders = [word for word in inputs if is_folder(word)]
        if not folders:
            continue
        alone = len(inputs) == 1
        nothing = alone and inputs[0].plain in (".", "./")
        first = simple.first
        edit = command.edit(first.end, first.end, " -r") if first is not None else None
        yield Finding(
            command.span_of(folders[0]),
            "Without `-r` zip does not look into the folder, has nothing to do, and the command fails."
            if nothing
            else "Without `-r` zip stores only the name of the folder, and nothing of what is in it.",
            help="Write `zip -r`.",
            fix=Fix("Add `-r`", [edit], safe=alone) if edit is not None else None,
            severity=Severity.ERROR if nothing else None,
        )


@rule("CD302", "zip-arguments-swapped", Severity.ERROR)
def zip_arguments_swapped(spec: Buildspec) -> Iterator[Finding]:
    """`zip` is given the folder before the archive.

    The first operand of zip is the archive that it writes, the others are what goes in. Given `.` for an
    archive, zip stops with an error, and the archive that the next command wants is not there.
    Source: Info-ZIP 3.0, tried out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - ARCHIVE=/tmp/app.zip
      >       - zip -r . $ARCHIVE
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - ARCHIVE=/tmp/app.zip
              - zip -r "$ARCHIVE" .
    """
    for command, simple in spec.calls("zip"):
        read = ZipCall(simple)
        if len(read.operands) < 2:
            continue
        first, others = read.operands[0], read.operands[1:]
        glob = first.is_glob and first.plain.endswith("*")
        if first.plain in ("..",) or not (is_folder(first) or glob):
            if not _is_known_folder(spec, first):
                continue
            zips = [word for word in others if (word.literal or "").endswith(".zip")]
            if len(others) > 1 or not zips or _written(spec, command, simple, zips[0]):
                continue
            severity, named = Severity.WARNING, zips[0]
        else:
            archives = [word for word in others if _names_archive(spec, word)]
            if not archives and (glob or first.plain.endswith("/*")):
                continue
            severity = Severity.ERROR
            named = archives[0] if archives else None  # type: ignore[assignment]
        yield _swapped(command, read.operands, named, severity)


def _swapped(command: Command, operands: list[Word], archive: Word | None, severity: str) -> Finding:
    first = operands[0]
    fix = None
    if len(operands) == 2:
        safe = archive is not None and severity == Severity.ERROR
        fix = _swap(command, first, operands[1], safe=safe)
    return Finding(
        command.span(first.start, (archive or operands[1]).end),
        f"zip takes its first operand, `{first.raw}`, for the archive to write"
        + (f", and `{archive.raw}` for a file to put in." if archive is not None else "."),
        help=f"Name the archive first: `zip -r {archive.raw if archive else 'ARCHIVE.zip'} {first.raw}`.",
        fix=fix,
        severity=severity,  # type: ignore[arg-type]
    )


def _is_known_folder(spec: Buildspec, word: Word) -> bool:
    text = (word.literal or "").removeprefix("./")
    return bool(text) and (text in FOLDERS or ("." not in text and text in made(spec)))


def _written(spec: Buildspec, command: Command, simple: Simple, archive: Word) -> bool:
    """Did a command that ran before name this archive?"""
    name = archive.plain.rpartition("/")[2]
    return any(
        word.plain.rpartition("/")[2] == name
        for _, one in earlier(spec, command, simple)
        for word in [*one.args, *(found.target for found in one.redirects if found.target is not None)]
    )


@rule("CD303", "tar-arguments-misread", Severity.ERROR)
def tar_arguments_misread(spec: Buildspec) -> Iterator[Finding]:
    """`tar` takes its words for something else than was meant.

    What follows `f` is the archive: in `-cfz` that is a file named `z`, and in `tar czf . app.tgz` the folder.
    Without anything to put in, tar refuses to write an archive. Options such as `-C` and `--exclude` behind
    the last file have no effect in today's tar, which then fails. Source: GNU tar 1.34, tried out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - tar -cfz app.tgz dist
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - tar czf dist app.tar.gz
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - tar -czf app.tgz dist
              - tar czf app.tar.gz -C dist .
    """
    for command, simple in spec.calls("tar"):
        read = TarCall(simple)
        if not read.create:
            continue
        if read.glued:
            yield from _glued(command, read)
        elif read.archive is not None:
            yield from _misplaced(spec, command, simple, read)
        if read.late and not read.glued:
            yield Finding(
                command.span_of(read.late[0]),
                f"`{read.late[0].plain}` stands behind the last file: it has no effect there, and GNU tar "
                "(1.29 and newer) fails because of it.",
                help="Put the option before the files.",
                # An older tar took `--exclude` there, and so does that of BusyBox.
                severity=Severity.WARNING
                if read.late[0].plain.startswith(("-C", "--dir"))
                else Severity.INFO,
            )


def _glued(command: Command, read: TarCall) -> Iterator[Finding]:
    """`-cfz app.tgz`: `z` is the archive."""
    word = next(word for name, word, _ in read.options if name == "-f")
    letters = word.raw[1:]
    if not _TAR_LETTERS.issuperset(read.glued) or not read.operands:
        return
    if not (read.operands[0].plain.endswith(_ARCHIVES) or len(read.glued) == 1):
        return
    at = word.start + 1 + letters.index("f")
    better = "-" + letters.replace("f", "", 1) + "f"
    edit = command.edit(word.start, word.end, better)
    yield Finding(
        command.span(at, word.end),
        f"What follows `f` is the name of the archive: tar writes a file named `{read.glued}` and takes "
        f"`{read.operands[0].raw}` for a file to put in.",
        help=f"Write `f` last: `{better}`.",
        fix=Fix("Put `f` last", [edit]) if edit is not None else None,
    )


def _misplaced(spec: Buildspec, command: Command, simple: Simple, read: TarCall) -> Iterator[Finding]:
    archive = read.archive
    assert archive is not None
    if not read.operands:
        # A variable or an option that is not known here may bring the files.
        plain = archive.literal is not None or archive.plain.endswith(_ARCHIVES)
        if plain and not read.listed and archive.plain != "-" and not _has_variable(simple, archive):
            yield Finding(
                command.span_of(simple.first or simple),
                "tar is told what to call the archive, but not what to put in: it refuses to write an empty one.",
                help=f"Name the files: `tar -czf {archive.raw} .`",
            )
        return
    second = read.operands[0]
    if second.start < archive.end or not _names_archive(spec, second, _ARCHIVES):
        return
    if not (is_folder(archive) or _is_known_folder(spec, archive)):
        return
    fix = _swap(command, archive, second, safe=is_folder(archive)) if len(read.operands) == 1 else None
    yield Finding(
        command.span(archive.start, second.end),
        f"tar takes `{archive.raw}` for the archive to write, and `{second.raw}` for a file to put in.",
        help=f"Name the archive first: `{second.raw} {archive.raw}`.",
        fix=fix,
    )


def _has_variable(simple: Simple, archive: Word) -> bool:
    return any(word.literal is None for word in simple.args if word is not archive)


@rule("CD304", "archive-contains-itself", Severity.INFO)
def archive_contains_itself(spec: Buildspec) -> Iterator[Finding]:
    """`tar` writes the archive into the folder that it reads.

    zip leaves its own archive out. tar with compression does not know its own: it may read what it has just
    written, say that a file changed while it was read, and end with status 1, now and then.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - tar czf app.tgz .
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - tar czf /tmp/app.tgz .
              - zip -r app.zip .
    """
    for command, simple in spec.calls("tar"):
        read = TarCall(simple)
        if not read.create or read.archive is None:
            continue
        name = (read.archive.literal or "").removeprefix("./")
        if not name or "/" in name or name == "-" or not name.endswith(_COMPRESSED):
            continue
        moved = any(option in ("-C", "--directory") for option, _, _ in read.options)
        excluded = any(option in ("--exclude", "-X", "--exclude-from") for option, _, _ in read.options)
        whole = [word for word in read.operands if word.plain in (".", "./")]
        if whole and not moved and not excluded:
            yield Finding(
                command.span_of(read.archive),
                f"`{name}` lies in the folder that tar reads: tar may meet its own archive and end with status 1.",
                help=f"Write it elsewhere: `/tmp/{name}`.",
            )


@rule("CD305", "archive-holds-top-folder", Severity.INFO)
def archive_holds_top_folder(spec: Buildspec) -> Iterator[Finding]:
    """The archive holds one folder, and what is wanted lies one level too deep.

    zip keeps the path as it is given: in `zip -r app.zip package` all names begin with `package/`. Lambda looks
    for the handler, and CodeDeploy for `appspec.yml`, at the top.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - pip install -r requirements.txt -t package
      >       - zip -r app.zip package/
              - aws lambda update-function-code --function-name app --zip-file fileb://app.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - pip install -r requirements.txt -t package
              - (cd package && zip -r ../app.zip .)
              - aws lambda update-function-code --function-name app --zip-file fileb://app.zip
    """
    for command, simple in spec.calls("zip"):
        read = ZipCall(simple)
        if not read.recursive or len(read.operands) != 2 or any("j" in word.raw for word in flags(simple)):
            continue
        archive, folder = read.operands
        name = (archive.literal or "").removeprefix("./")
        path = (folder.literal or "").removeprefix("./").rstrip("/")
        if not name or not path or path.startswith(".") or folder.is_glob or "." in path.rpartition("/")[2]:
            continue
        user = _user(spec, name.rpartition("/")[2])
        if not user:
            continue
        of_pip = user == "Lambda" and path in _pip_targets(spec)
        yield Finding(
            command.span_of(folder),
            f"All names in the archive begin with `{path}/`, and {user} looks at the top"
            + (": it does not find the packages that pip put there." if of_pip else "."),
            help=f"`(cd {path} && zip -r {'../' * (path.count('/') + 1)}{name} .)`",
            severity=Severity.WARNING if of_pip else None,
        )


def _user(spec: Buildspec, name: str) -> str:
    """Who gets the archive: `Lambda`, `CodeDeploy`, or nobody that is known."""
    for _, simple in spec.calls("aws"):
        words = [word.plain for word in simple.args]
        if not any(name in word for word in words):
            continue
        if "update-function-code" in words or "create-function" in words:
            return "Lambda"
        if "deploy" in words and "push" in words:
            return "CodeDeploy"
    return ""


def _pip_targets(spec: Buildspec) -> set[str]:
    found = set()
    for _, simple in spec.calls("pip", "pip3", "python", "python3"):
        target = simple.option("-t", "--target")
        if target is not None and any(word.raw == "install" for word in simple.args):
            found.add(target.plain.removeprefix("./").rstrip("/"))
    return found


@rule("CD306", "archive-inside-artifact", Severity.INFO)
def archive_inside_artifact(spec: Buildspec) -> Iterator[Finding]:
    """The artifact is an archive that the build packed.

    For CodePipeline, and with the packaging ZIP, CodeBuild packs the artifact once more. Deploy actions that
    unpack it then find one archive in it, not the files. CloudFormation's `package` and Lambda functions
    that a template names by their zip want it so.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - zip -r app.zip .
        artifacts:
          files:
      >     - app.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npm run build
        artifacts:
          files:
            - '**/*'
    """
    artifact = spec.artifact
    if artifact is None:
        return
    entries = [entry for entry in artifact.files if entry.value.endswith((".zip", ".tgz", ".tar.gz"))]
    if not entries:
        return
    packed = set()
    for _, simple in spec.calls("zip"):
        packed |= {word.plain.rpartition("/")[2] for word in ZipCall(simple).operands[:1]}
    for _, simple in spec.calls("tar"):
        read = TarCall(simple)
        if read.create and read.archive is not None:
            packed.add(read.archive.plain.rpartition("/")[2])
    for entry in entries:
        if entry.value.rpartition("/")[2] in packed:
            yield Finding(
                entry.span,
                "CodeBuild packs artifacts itself: in a pipeline the next action gets an archive with this one in it.",
                help="List the files that go into the archive, unless the next action wants the archive.",
            )


@rule("CD307", "archive-named-by-time", Severity.INFO)
def archive_named_by_time(spec: Buildspec) -> Iterator[Finding]:
    """An archive is named by the time of the build and uploaded.

    Two builds of the same commit give two names, so that nobody can tell what is in them. An S3 source of
    CodePipeline watches one key, and is not started by new ones.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - ARCHIVE=/tmp/$(date +%Y%m%d).zip
              - zip -r "$ARCHIVE" .
              - aws s3 cp "$ARCHIVE" s3://releases-of-app/app.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - zip -r /tmp/app.zip .
              - aws s3 cp /tmp/app.zip s3://releases-of-app/app.zip
    """
    sent = {
        word.plain
        for _, simple in spec.calls("aws")
        if [one.raw for one in simple.args[:1]] == ["s3"]
        for word in simple.args[1:]
        if "$" in word.raw or "`" in word.raw
    }
    if not sent:
        return
    for command, script in spec.scripts():
        for one in script.assignments:
            value = one.value
            if value is None or not _by_time(value):
                continue
            if any("${" + one.name + "}" in word for word in sent):
                yield _timed(command, value)
        for simple in script.commands:
            if simple.name == "zip":
                for word in ZipCall(simple).operands[:1]:
                    if _by_time(word) and word.plain in sent:
                        yield _timed(command, word)


def _by_time(word: Word) -> bool:
    text = word.plain
    return ("$(date" in text or "`date" in text) and text.endswith(_ARCHIVES)


def _timed(command: Command, word: Word) -> Finding:
    return Finding(
        command.span_of(word),
        "The archive is named by the time of the build: the same commit gives another name in every build.",
        help="Use a fixed name, in a bucket with versioning, or the commit: `$CODEBUILD_RESOLVED_SOURCE_VERSION`.",
    )


@rule("CD308", "unzip-may-ask", Severity.INFO)
def unzip_may_ask(spec: Buildspec) -> Iterator[Finding]:
    """`unzip` asks before it replaces a file, and nobody answers.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - unzip tools.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - unzip -o tools.zip
              - unzip -l tools.zip

    A build has no terminal: where a file is there already, unzip asks, gets no answer and skips the file or
    ends with an error.
    """
    for command, simple in spec.calls("unzip"):
        letters = "".join(word.raw[1:] for word in flags(simple) if word.plain[1:].isalpha())
        first = simple.first
        if set("onplLtzvZTfcu") & set(letters) or not simple.operands("-d", "-x") or first is None:
            continue
        edit = command.edit(first.end, first.end, " -o")
        yield Finding(
            command.span_of(first),
            "Where a file is there already, unzip asks whether to replace it, and nobody answers.",
            help="Write `unzip -o` to replace files, or `unzip -n` to keep them.",
            fix=Fix("Add `-o`", [edit], safe=False) if edit is not None else None,
        )


@rule("CD309", "archiver-given-folder", Severity.ERROR)
def archiver_given_folder(spec: Buildspec) -> Iterator[Finding]:
    """`gzip`, `7z` or `jar` is given a folder where it wants a file.

    gzip packs single files: it passes over a folder and ends with status 2. 7z and jar write to the first name
    they get, which cannot be a folder.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - gzip dist/
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - 7z a . app.zip
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - gzip -r dist/
              - 7z a app.zip .
    """
    for command, simple in spec.calls("gzip", "7z", "7za", "7zz", "jar"):
        operands = simple.operands("-S", "-C", "-e", "--suffix")
        if simple.name == "gzip":
            letters = "".join(word.raw[1:] for word in flags(simple))
            if "r" in letters or "l" in letters or any(word.raw == "--recursive" for word in simple.args):
                continue
            word = next((one for one in operands if is_folder(one)), None)
            message = "gzip packs single files: it passes over this folder and ends with status 2."
            help_text = "Pack the folder with tar: `tar -czf dist.tgz dist`."
        else:
            word, message = (
                _archive_of(simple, operands),
                "is a folder, and the archive cannot be written to it.",
            )
            if word is None or not is_folder(word):
                continue
            message = f"The first name is the archive to write: `{word.raw}` {message}"
            help_text = "Name the archive first, and then what goes in."
        if word is not None:
            yield Finding(command.span_of(word), message, help=help_text)


def _archive_of(simple: Simple, operands: list[Word]) -> Word | None:
    """The archive that 7z or jar writes."""
    if len(operands) < 2:
        return None
    if simple.name != "jar":
        return operands[1] if operands[0].raw == "a" and len(operands) > 2 else None
    letters = simple.args[0].raw.lstrip("-")
    if not letters.isalpha() or "c" not in letters or "f" not in letters:
        return None
    files = [word for word in operands if word is not simple.args[0]]
    # `cmf` and `cef` name further files, in the order of their letters.
    return files[0] if files and not set("me") & set(letters) else None
