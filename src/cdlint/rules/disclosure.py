"""CD410–CD417: secrets that commands print or pass on."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.buildspec import Buildspec, texts
from ..syntax.shell.nodes import Simple
from ..syntax.tree import Sequence
from . import rule
from .exposure import (
    FETCH_MARKS,
    FETCHES,
    OF_SECRET,
    PRIVATE,
    VALUED,
    prints_all,
    private_path,
    secret_file,
    shipped,
    ships,
    traced_secret,
    tracing,
)
from .outflow import declared, encoders, explained, is_secret, shows, stdout_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell import Expansion

_PRINTERS = ("echo", "printf", "cat", "tee")


@rule("CD410", "secret-printed", Severity.WARNING)
def secret_printed(spec: Buildspec) -> Iterator[Finding]:
    """A command prints a secret to the log.

    CodeBuild hides a value from Parameter Store or Secrets Manager only where it stands in the log exactly as
    it is stored: parts of it, lines of it, and what `base64` or `jq` make of it are shown, and so are secrets
    that come from elsewhere. Into a command (`echo "$PASS" | docker login --password-stdin`) or into a file
    nothing is printed.

    Bad:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
      >       - echo "Connecting with $DB_PASSWORD"
              - ./migrate.sh
    Good:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
              - echo "The password has ${#DB_PASSWORD} characters"
              - ./migrate.sh
    """
    sections = declared(spec)
    for command, script in spec.scripts():
        for expansion in script.expansions:
            simple = expansion.command
            if simple is None or expansion.role not in ("word", "heredoc") or not shows(expansion):
                continue
            if simple.name not in _PRINTERS:
                continue
            if expansion.role == "word" and simple.name in ("cat", "tee"):
                continue  # the name of a file
            if is_secret(expansion.name, sections) and stdout_of(simple).kind == "log":
                yield _printed(command, expansion, simple, sections)
    for command, simple in spec.calls("printenv"):
        for word in simple.operands():
            name = word.literal or ""
            if is_secret(name, sections) and stdout_of(simple).kind == "log":
                yield Finding(
                    command.span_of(word),
                    f"`printenv` writes `{name}` to the log of the build.",
                    help=f'Delete the command, or print only whether it is there: `echo "${{{name}:+set}}"`.',
                )


def _printed(command: Command, expansion: Expansion, simple: Simple, sections: dict[str, str]) -> Finding:
    name = expansion.name
    store = {"parameter-store": "Parameter Store", "secrets-manager": "Secrets Manager"}.get(
        sections.get(name, ""), ""
    )
    if encoders(simple):
        message = (
            f"This writes `{name}` to the log in another form, which CodeBuild does not recognise and hide."
        )
    elif store:
        message = (
            f"This writes `{name}` to the log. CodeBuild hides it only where it stands exactly as {store} has it, "
            "not parts or lines of it."
        )
    else:
        message = (
            f"By its name `{name}` is a secret, and this writes it to the log: CodeBuild hides only the values that "
            "it has itself read from Parameter Store or Secrets Manager."
        )
    return Finding(
        command.span_of(expansion),
        message,
        help=f'Leave it out, or print only whether it is there: `echo "${{{name}:+set}}"`.',
    )


@rule("CD411", "commands-traced", Severity.WARNING)
def commands_traced(spec: Buildspec) -> Iterator[Finding]:
    """`set -x` writes secrets to the log.

    With `set -x` the shell prints every command as it runs it, its variables replaced by their values.
    CodeBuild hides a value of Parameter Store or Secrets Manager only where it stands exactly as stored. Without
    secrets in sight this is advice: CodeBuild writes the commands to the log by itself.

    Bad:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
              - |
      >         set -ex
                ./migrate.sh --url "postgres://app:$DB_PASSWORD@db.example.net/app"
    Good:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
              - |
                set -e
                ./migrate.sh --url "postgres://app:$DB_PASSWORD@db.example.net/app"
    """
    sections: dict[str, str] | None = None
    for command, simple in spec.calls("set", "sh", "bash"):
        traced = tracing(simple, "-")
        if traced < 0 or (simple.name != "set" and len(simple.args) < 2):
            continue
        sections = declared(spec) if sections is None else sections
        secret = traced_secret(command.script, simple, sections)
        lone = simple.name != "set" or command.script.body == [simple]
        if lone and not secret:
            secret = next((name for name in sections if is_secret(name, sections)), "")
        word = simple.args[traced]
        if secret and explained(spec, command, simple.start, "secret", "mask"):
            secret = ""
        yield Finding(
            command.span_of(word),
            f"`{simple.name} {word.raw}` prints every command with the values of its variables, that of `{secret}` "
            "too."
            if secret
            else f"`{simple.name} {word.raw}` prints every command with the values of its variables; CodeBuild "
            "prints the commands of a build anyway.",
            help="Leave the `x` out, or write `set +x` before the commands that use the secret."
            if secret
            else "Leave the `x` out; with it, secrets that are added one day are printed too.",
            severity=None if secret else Severity.INFO,
        )


@rule("CD412", "environment-printed", Severity.WARNING)
def environment_printed(spec: Buildspec) -> Iterator[Finding]:
    """All environment variables are written to the log.

    `env`, `printenv`, `export -p` and the like, without a name, print every variable: secrets in forms that
    CodeBuild does not hide, and the address that hands out the role's credentials. A warning where the buildspec
    reads secrets; the project may have some too, so otherwise it is advice.

    Bad:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
      >       - printenv
              - ./migrate.sh
    Good:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
              - printenv CODEBUILD_BUILD_ID CODEBUILD_RESOLVED_SOURCE_VERSION
              - ./migrate.sh
    """
    sections: dict[str, str] | None = None
    for command, simple in spec.calls("env", "printenv", "export", "set", "declare", "typeset"):
        if not prints_all(simple) or stdout_of(simple).kind != "log":
            continue
        sections = declared(spec) if sections is None else sections
        secret = next((name for name in sections if is_secret(name, sections)), "")
        text = command.text[simple.start : simple.end]
        fix = _removed(spec, command, simple)
        yield Finding(
            command.span(simple.start, simple.end),
            f"`{text}` writes all variables to the log, `{secret}` among them; CodeBuild hides values only where "
            "they stand exactly as stored."
            if secret
            else f"`{text}` writes all variables to the log, those too that the project adds.",
            help="Print the variables that you want to see by name: `printenv CODEBUILD_BUILD_ID`.",
            fix=fix,
            severity=None if secret else Severity.INFO,
        )


def _removed(spec: Buildspec, command: Command, simple: Simple) -> Fix | None:
    """Take the whole command out of the list, where it is nothing else and does not stand alone."""
    from .removal import item_removed

    if command.script.body != [simple] or command.text.strip() != command.text[simple.start : simple.end]:
        return None
    phase = spec.phase(command.phase)
    items = phase.get(command.section) if phase is not None else None
    if not isinstance(items, Sequence) or phase is None:
        return None
    others = phase.finally_ if command.section == "finally" else phase.commands
    if all(any(prints_all(one) for one in other.script.body if isinstance(one, Simple)) for other in others):
        return None  # nothing would be left
    edits = item_removed(spec.document, items, command.node)
    return Fix("Delete the command", edits) if edits else None


@rule("CD413", "secret-file-printed", Severity.WARNING)
def secret_file_printed(spec: Buildspec) -> Iterator[Finding]:
    """A file with secrets is written to the log.

    `.env`, `~/.aws/credentials`, `.netrc`, private keys: CodeBuild hides nothing of what they hold, unless a
    line is exactly a value that it has read from a store.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - cat ~/.aws/credentials
              - make
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - test -s ~/.aws/credentials
              - make
    """
    sections: dict[str, str] | None = None
    for command, simple in spec.calls("cat", "head", "tail", "less", "more"):
        for word in simple.operands("-n", "-c"):
            sure = secret_file(word.plain)
            if sure is None or stdout_of(simple).kind != "log":
                continue
            sections = declared(spec) if sections is None else sections
            sure = sure or any(is_secret(name, sections) for name in sections)
            yield Finding(
                command.span_of(word),
                f"This writes what `{word.plain}` holds to the log, where nothing of it is hidden.",
                help="Check that the file is there with `test -s`, or print the names only: `cut -d= -f1`.",
                severity=None if sure else Severity.INFO,
            )


@rule("CD414", "secret-in-artifact", Severity.WARNING)
def secret_in_artifact(spec: Buildspec) -> Iterator[Finding]:
    """A secret is written into a file that becomes part of an artifact.

    The artifact lies in S3 for everybody who may read the bucket, goes to every later action, and stays after
    the secret was changed. What runs the application can read the secret itself.

    Bad:
        version: 0.2
        env:
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
      >       - echo "DB_PASSWORD=$DB_PASSWORD" >> .env
              - make
        artifacts:
          files:
            - app.jar
            - .env
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - echo "DB_SECRET=prod/db" >> .env
              - make
        artifacts:
          files:
            - app.jar
            - .env
    """
    entries = shipped(spec)
    if not entries:
        return
    sections = declared(spec)
    for command, script in spec.scripts():
        seen: set[int] = set()
        for expansion in script.expansions:
            simple = expansion.command
            if simple is None or simple.start in seen or simple.name not in ("echo", "printf", "cat"):
                continue
            if expansion.role not in ("word", "heredoc") or not is_secret(expansion.name, sections):
                continue
            out = stdout_of(simple)
            target = out.target.target if out.target is not None else None
            named = (
                ships(entries, target.literal or "") if out.kind == "file" and target is not None else None
            )
            if named is None or target is None:
                continue
            seen.add(simple.start)
            yield Finding(
                command.span_of(expansion),
                f"`{target.plain}` becomes part of the artifact, and with it the value of `{expansion.name}`: "
                "everybody who may read the artifact can read it.",
                help="Hand over the name of the secret, and let the application read its value when it starts.",
                severity=None if named else Severity.INFO,
            )


@rule("CD415", "secret-fetched-to-log", Severity.WARNING)
def secret_fetched_to_log(spec: Buildspec) -> Iterator[Finding]:
    """A command that fetches a secret leaves it in the log.

    `aws secretsmanager get-secret-value`, `aws sts assume-role`, `aws ecr get-login-password` and the like print
    what they fetch. CodeBuild hides none of it, for it did not read these values itself. Its place is a variable,
    a pipe or a file.

    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - aws secretsmanager get-secret-value --secret-id prod/db
              - make
    Good:
        version: 0.2
        phases:
          pre_build:
            commands:
              - DB=$(aws secretsmanager get-secret-value --secret-id prod/db --query SecretString --output text)
              - aws secretsmanager get-secret-value --secret-id prod/db > /dev/null
              - make
    """
    text = spec.document.text
    if not any(mark in text for mark in FETCH_MARKS):
        return
    for command, simple in spec.calls(*FETCHES):
        at = _fetches(simple)
        if at is None or stdout_of(simple).kind != "log":
            continue
        query = simple.option("--query")
        if query is not None and not any(word in query.plain.lower() for word in OF_SECRET):
            continue
        words = simple.args
        yield Finding(
            command.span(words[at].start, words[at + 1].end),
            "This prints the secret that it fetches, and nothing takes it: it is in the log of the build.",
            help="Put it into a variable, `X=$(…)`, or into a pipe; if it is only a check, add `> /dev/null`.",
        )


def _fetches(simple: Simple) -> int | None:
    """The index of the argument at which a command begins whose output is a secret."""
    words = [word.literal or "" for word in simple.args]
    operands = [word.literal or "" for word in simple.operands(*VALUED)]
    if simple.name == "aws" and operands[:1] == ["ssm"] and "--with-decryption" in words:
        if operands[1:2] and operands[1].startswith("get-parameter"):
            return words.index("ssm") if words.index(operands[1]) == words.index("ssm") + 1 else None
    for wanted in FETCHES.get(simple.name, ()):
        if tuple(operands[: len(wanted)]) == wanted:
            at = words.index(wanted[0])
            whole = tuple(words[at : at + len(wanted)]) == wanted
            return at if whole and at + 1 < len(words) else None
    return None


@rule("CD416", "public-acl", Severity.WARNING)
def public_acl(spec: Buildspec) -> Iterator[Finding]:
    """Objects are made readable for everybody.

    `--acl public-read` publishes each object by itself, whatever the bucket's policy says later. Buckets made
    since April 2023 have ACLs switched off and public access blocked, and refuse the upload. A web site belongs
    behind CloudFront with an origin access control.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws s3 sync dist s3://site --acl public-read
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 sync dist s3://site
    """
    for command, simple in spec.calls("aws"):
        if not any(word.raw.startswith(("--acl", "--grant")) for word in simple.args):
            continue
        operands = [word.literal for word in simple.operands("--acl", *VALUED)]
        if operands[:1] not in (["s3"], ["s3api"]):
            continue
        for name, word, value in simple.options("--acl"):
            text = value.literal if name == "--acl" and value is not None else None
            if value is None or text not in ("public-read", "public-read-write"):
                continue
            if explained(spec, command, simple.start, "public", "acl"):
                continue
            fix = None
            if operands[:1] == ["s3"]:
                edit = command.edit(_before(command, word.start), max(value.end, word.end), "")
                fix = Fix("Leave the ACL out", [edit], safe=False) if edit is not None else None
            yield Finding(
                command.span(word.start, max(value.end, word.end)),
                "Everybody may change these objects; buckets without ACLs (the default since 2023) refuse them."
                if text == "public-read-write"
                else "Everybody may read these objects, whoever finds their address; buckets without ACLs (the "
                "default since 2023) refuse them.",
                help="Leave `--acl` out; for a web site let CloudFront read the bucket (origin access control).",
                fix=fix,
            )


def _before(command: Command, at: int) -> int:
    """Where the blanks in front of a word begin."""
    text = command.text
    while at > 0 and text[at - 1] in " \t":
        at -= 1
    return at


@rule("CD417", "private-file-in-artifact", Severity.WARNING)
def private_file_in_artifact(spec: Buildspec) -> Iterator[Finding]:
    """An artifact takes files along that are nobody else's business.

    `.env`, keys, `.git` and `.aws` go to S3 and from there to wherever the artifact is deployed: a web site
    hands them out. `**/*` at the root of the source takes all of them along, if they are there: that is
    advice only, for under CodePipeline there is no `.git`.

    Bad:
        version: 0.2
        phases:
          build:
            commands: [npm ci]
        artifacts:
          files:
            - server.js
      >     - .env
    Good:
        version: 0.2
        phases:
          build:
            commands: [npm run build]
        artifacts:
          base-directory: dist
          files:
            - '**/*'
    """
    for artifact in spec.artifacts():
        excluded = " ".join(entry.value for entry in texts(artifact.node.get("exclude-paths")))
        for entry in artifact.files:
            what = private_path(entry.value)
            if what and what not in excluded:
                made = what == ".env" and any(".env" in command.text for command in spec.commands())
                yield Finding(
                    entry.span,
                    f"`{entry.value}` puts {PRIVATE[what]} into the artifact, for everybody who may read it.",
                    help="Take it off the list; what runs the application gets its secrets from Secrets Manager or "
                    "Parameter Store.",
                    severity=Severity.INFO if made else None,
                )
            elif entry.value in ("**/*", "**") and artifact.base_directory is None and not excluded:
                yield Finding(
                    entry.span,
                    "This takes the whole source folder: also `.git`, `.env` and `node_modules`, where there are any.",
                    help="Name a `base-directory` with what was built, or `exclude-paths` such as `.git/**/*`.",
                    severity=Severity.INFO,
                )
