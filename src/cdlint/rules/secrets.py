"""CD401–CD406: secrets in the file."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.buildspec import Buildspec, mapping_of, pairs, tasks
from ..source import Span
from . import rule
from .env import text_of, variables
from .paths import part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.buildspec import Command
    from ..syntax.shell.nodes import Simple, Word
    from ..syntax.tree import Scalar
    from .tokens import Token

_STORE = (
    "Revoke it: who can read the repository has it. Then keep the new one in Secrets Manager, and name it under "
    "`env.secrets-manager`."
)
_ROLE = (
    "Deactivate it: who can read the repository has it. The commands of a build have the project's role and need "
    "no key; for another account use `aws sts assume-role`."
)
#: Options that take a password, by program.
_PASSWORDS = {
    "curl": ("-u", "--user", "--proxy-user", "-U"),
    "wget": ("--password", "--http-password", "--ftp-password", "--proxy-password"),
    "sshpass": ("-p",),
    "mysql": ("-p", "--password"),
    "mysqldump": ("-p", "--password"),
    "mysqladmin": ("-p", "--password"),
    "sqlcmd": ("-P",),
    "twine": ("-p", "--password"),
    "gpg": ("--passphrase",),
    "keytool": ("-storepass", "-keypass"),
    "jarsigner": ("-storepass", "-keypass"),
}
#: What stands for the user or for nothing where the other half of a URL's credentials is the secret.
_FORMS = ("x-oauth-basic", "x-access-token", "oauth2", "x", "git", "token", "x-token-auth", "api")
#: Passwords that everybody knows, or that only show where one belongs.
_WEAK = frozenset(
    "password passwd pass pwd secret token pw mypassword mypass postgres root guest admin mysql test user key"
    " username p".split()
)
_AWS_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def _found(spec: Buildspec) -> list[Token]:
    from .tokens import tokens

    return tokens(spec.document.text)


def _known(spec: Buildspec, span: Span) -> bool:
    """Does CD401 speak of the same characters?"""
    return any(token.start < span.end and span.start < token.end for token in _found(spec))


@rule("CD401", "credential-in-file", Severity.ERROR)
def credential_in_file(spec: Buildspec) -> Iterator[Finding]:
    """A token or private key stands in the file.

    Access keys of AWS, tokens of GitHub, npm, Slack and others are known by their shape. In a buildspec they
    lie in the history of the repository, in the record of every build, and, when they are part of a command,
    in its log. AWS and GitHub look for such texts, and so does everybody else. Examples from documentation
    (`AKIAIOSFODNN7EXAMPLE`) and place-holders are left alone.

    Bad:
        version: 0.2
        env:
          variables:
      >     GITHUB_TOKEN: ghp_Tz4mQ8vKc1WbX7nRp2LdY6sHf9JgUa3EoMiN
        phases:
          build:
            commands:
              - ./release.sh
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - aws configure set aws_access_key_id AKIAQ3EGRLT5WNB7ZKXM
              - ./deploy.sh
    Good:
        version: 0.2
        env:
          secrets-manager:
            GITHUB_TOKEN: ci/github:token
        phases:
          build:
            commands:
              - ./release.sh
    """
    for token in _found(spec):
        shown = f" (`{token.prefix}…`)" if token.prefix else ""
        if token.severity == "error":
            message = (
                f"This is {token.kind}{shown}, in plain text: everybody who can read the file can use it."
            )
        else:
            message = (
                f"This looks like {token.kind}{shown}, in plain text for everybody who can read the file."
            )
        yield Finding(
            Span(token.start, token.end),
            message,
            help=_ROLE if "AWS" in token.kind else _STORE,
            severity=Severity.ERROR if token.severity == "error" else Severity.WARNING,
        )


@rule("CD402", "plaintext-secret", Severity.WARNING)
def plaintext_secret(spec: Buildspec) -> Iterator[Finding]:
    """A variable named like a secret has its value in plain text.

    AWS shows the plain variables of a build in the console and to everybody who may call `BatchGetBuilds`,
    and the file is in the repository. Values from Parameter Store and Secrets Manager are read when the build
    starts, and are hidden in its log. Names of secrets, paths, addresses and place-holders are left alone.

    Bad:
        version: 0.2
        env:
          variables:
            DB_USER: app
      >     DB_PASSWORD: kV7!mq20zeR
        phases:
          build:
            commands:
              - ./migrate.sh
    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - export DB_PASSWORD='kV7!mq20zeR'
              - ./migrate.sh
    Good:
        version: 0.2
        env:
          variables:
            DB_PASSWORD_PARAMETER: /app/db-password
          secrets-manager:
            DB_PASSWORD: prod/db:password
        phases:
          build:
            commands:
              - ./migrate.sh
    """
    for name, value in _variables(spec):
        if _is_literal_secret(name, value.value):
            span = part(spec.document, value, 0, len(value.value))
            if not _known(spec, value.span):
                yield _plaintext(span, name)
    for command, script in spec.scripts():
        for made in script.assignments:
            word = made.value
            if word is not None and word.literal and _is_literal_secret(made.name, word.literal):
                span = command.span_of(word)
                if not _known(spec, span):
                    yield _plaintext(span, made.name)


def _variables(spec: Buildspec) -> list[tuple[str, Scalar]]:
    """Names and values of all plain variables, those of batch builds too."""
    found = [(key.value, value) for key, value in variables(spec)]
    if "batch" in spec.root:
        groups = [
            env.get("variables") for task in tasks(spec) if (env := mapping_of(task.get("env"))) is not None
        ]
        groups.append(spec.get("batch", "build-matrix", "static", "env", "variables"))
        for group in groups:
            found += [
                (key.value, value) for key, node in pairs(group) if (value := text_of(node)) is not None
            ]
    return found


def _is_literal_secret(name: str, value: str) -> bool:
    from .tokens import is_plausible, names_secret

    return names_secret(name) and is_plausible(value) and value.upper() != name.upper()


def _plaintext(span: Span, name: str) -> Finding:
    from .tokens import is_published

    if is_published(name):
        return Finding(
            span,
            f"By its name `{name}` is a secret, but tools put variables of that name into the pages that they build.",
            help="Make sure that it is one that visitors may have; secrets belong on a server.",
            severity=Severity.INFO,
        )
    return Finding(
        span,
        f"The value of `{name}` stands here in plain text: in the repository, in the console and in the record "
        "of every build.",
        help=_DROP
        if name in _AWS_KEYS
        else f"Put it into Secrets Manager or Parameter Store, and write `{name}` under `env.secrets-manager` "
        "(`secret-id:json-key`) or `env.parameter-store`.",
    )


@rule("CD403", "static-aws-keys", Severity.WARNING)
def static_aws_keys(spec: Buildspec) -> Iterator[Finding]:
    """Keys of a user take the place of the project's role.

    Every build has credentials of the project's service role, which last for hours and need no care. Keys set
    with `aws configure` or as variables go before them in the whole build, last until somebody deletes them,
    and must be kept somewhere. Temporary keys, which come with a session token, and those of a named profile
    are left alone.

    Bad:
        version: 0.2
        phases:
          pre_build:
            commands:
      >       - aws configure set aws_access_key_id "$DEPLOY_KEY_ID"
              - aws configure set aws_secret_access_key "$DEPLOY_KEY"
          build:
            commands:
              - aws s3 sync dist/ s3://site/
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - aws s3 sync dist/ s3://site/
    """
    text = spec.document.text
    lower = text.lower()
    if "access_key" not in lower or "session_token" in lower:
        return
    for name, value in _variables(spec):
        key = value.value.startswith(("AKIA", "ASIA")) and len(value.value) == 20
        if name in _AWS_KEYS and (key or len(value.value) == 40) and not _known(spec, value.span):
            if not _is_literal_secret(name, value.value):
                yield Finding(value.span, _INSTEAD.format(name), help=_DROP)
    for section in ("parameter-store", "secrets-manager"):
        for node, _ in pairs(spec.get("env", section)):
            if node.value == "AWS_ACCESS_KEY_ID":
                yield Finding(node.span, _INSTEAD.format(node.value), help=_DROP, severity=Severity.INFO)
    yield from _configured(spec)


_INSTEAD = "`{}` takes the place of the project's role in the whole build, with a key that does not expire."
_DROP = "Leave it out and give the role the rights; for another account use `aws sts assume-role`."


def _configured(spec: Buildspec) -> Iterator[Finding]:
    """`aws configure set aws_access_key_id …`; of a pair the first."""
    for command, simple in spec.calls("aws"):
        words = simple.operands("--profile", "--region")
        if len(words) < 4 or words[0].literal != "configure" or words[1].literal != "set":
            continue
        name, value = words[2].literal or "", words[3]
        if name not in ("aws_access_key_id", "aws_secret_access_key") or simple.option("--profile"):
            continue
        if "$(" in value.raw or "`" in value.raw or _known(spec, command.span_of(value)):
            continue
        if "AWS_PROFILE" in spec.document.text:
            continue
        yield Finding(
            command.span_of(words[2]),
            "Keys set here take the place of the project's role for all later commands of the AWS CLI.",
            help="Leave out both `aws configure set` commands: the AWS CLI finds the role by itself. For another "
            "account use `aws sts assume-role`.",
        )
        return


@rule("CD404", "credentials-in-url", Severity.ERROR)
def credentials_in_url(spec: Buildspec) -> Iterator[Finding]:
    """A URL holds a password.

    `https://user:password@host` is written to the log with the command, shown in the list of processes, and
    kept by git in `.git/config`. With a variable in the place of the password the log shows the variable's name
    only, but the rest holds. Databases on the build machine itself and passwords that everybody knows
    (`postgres:postgres`) are left alone.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - git clone https://ci:hG4rt9wQz@git.example.net/team/app.git
    Good:
        version: 0.2
        env:
          git-credential-helper: yes
        phases:
          build:
            commands:
              - git clone https://git.example.net/team/app.git
    """
    text = spec.document.text
    at = text.find("://")
    while at >= 0:
        found = _authority(text, at + 3)
        at = text.find("://", at + 3)
        if found is None:
            continue
        start, end, literal = found
        if not literal:
            yield Finding(
                Span(start, end),
                "A password in a URL is kept by git in `.git/config`, and shown in the list of processes and in "
                "error messages.",
                help="For git write `env.git-credential-helper: yes` or use `GIT_ASKPASS`; other programs take "
                "passwords from variables or files.",
                severity=Severity.INFO,
            )
        elif not _known(spec, Span(start, end)):
            yield Finding(
                Span(start, end),
                "This password stands in plain text in a URL, for everybody who can read the file or the log.",
                help="Change it, keep the new one in Secrets Manager, and hand it over outside of the URL; for git "
                "that is `env.git-credential-helper: yes`.",
            )


def _authority(text: str, start: int) -> tuple[int, int, bool] | None:
    """Start and end of the password in `user:password@host`, and whether it is literal; None without one."""
    at, colon, sign = start, -1, -1
    while at < len(text) and at - start < 400:
        char = text[at]
        if char == "$" and text[at + 1 : at + 2] in ("{", "("):
            close = text.find("}" if text[at + 1] == "{" else ")", at)
            if close < 0:
                return None
            at = close
        elif char in " \t\r\n/?#\"'`<>|\\;,":
            break
        elif char == ":" and colon < 0 and not text.endswith("$env", start, at):
            colon = at
        elif char == "@":
            sign = at
        at += 1
    if colon < 0 or sign < colon + 2:
        return None
    user, password, host = text[start:colon], text[colon + 1 : sign], text[sign + 1 : at]
    literal = "$" not in password and "{{" not in password and "%" not in password[:1] + password[-1:]
    if password.lower() in _FORMS and "$" in user:
        return start, colon, False
    if not literal:
        return (colon + 1, sign, False) if password.startswith("$") and not _is_near(host) else None
    if _is_known_password(user, password) or _is_near(host) or not host:
        return None
    return colon + 1, sign, True


def _is_known_password(user: str, password: str) -> bool:
    from .tokens import is_placeholder

    lower = password.lower()
    if lower in _WEAK or lower == user.lower() or any(char in password for char in "[]^*(){}+&"):
        return True
    return lower in _FORMS or (len(password) > 4 and is_placeholder(password)) or lower.startswith("test")


def _is_near(host: str) -> bool:
    """The build machine itself, or a container beside it."""
    name = host.partition(":")[0].lower()
    return (
        name.startswith(("127.", "0.0.0.0"))
        or ("." not in name and "$" not in name)
        or name.endswith(".local")
    )


@rule("CD405", "password-in-command", Severity.WARNING)
def password_in_command(spec: Buildspec) -> Iterator[Finding]:
    """A password is given to a program as it is.

    CodeBuild writes every command to the log before it runs it, and the file is in the repository. The
    password of a service that the build starts for its own tests is no secret; write it as a variable and
    nothing is said.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - curl -fsS -u deploy:hG4rt9wQz -T app.zip https://repo.example.net/app.zip
    Good:
        version: 0.2
        env:
          secrets-manager:
            REPO_PASSWORD: ci/repo:password
        phases:
          build:
            commands:
              - curl -fsS -u "deploy:$REPO_PASSWORD" -T app.zip https://repo.example.net/app.zip
    """
    from .tokens import is_plausible

    for command, simple in spec.calls(*_PASSWORDS):
        options = _PASSWORDS[simple.name]
        if _is_local(simple):
            continue
        for name, word, value in simple.options(*options):
            text = value.literal if value is not None and name in options else None
            if value is None or not text:
                continue
            if simple.name.startswith("mysql") and value.start >= word.end:
                continue  # a blank behind `-p` makes it the name of a database
            if simple.name == "curl":
                text = text.partition(":")[2]
            if len(text) < 6 or not is_plausible(text) or text.lower() in _WEAK:
                continue
            start = value.end - len(text) - (value.raw[-1:] in "\"'")
            span = command.span(start, start + len(text))
            if not _known(spec, span):
                yield Finding(
                    span,
                    "This password stands in plain text in the file, and in the log of every build.",
                    help="Change it, put the new one under `env.secrets-manager`, and write the variable here.",
                )


def _is_local(simple: Simple) -> bool:
    return any("localhost" in word.raw or "127.0.0.1" in word.raw for word in simple.args)


@rule("CD406", "secret-build-argument", Severity.WARNING)
def secret_build_argument(spec: Buildspec) -> Iterator[Finding]:
    """A secret is given to `docker build` as a build argument.

    Arguments are kept in the history of the image: `docker history` shows them to everybody who can pull it.
    A secret of BuildKit is there for one `RUN` only and is kept nowhere. Tokens that expire by themselves are
    only advised against.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - docker build --build-arg NPM_TOKEN=$NPM_TOKEN -t app .
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - docker build --secret id=npm,env=NPM_TOKEN -t app .
    """
    for command, simple in spec.calls("docker", "podman", "docker-compose", "buildah", "nerdctl", "executor"):
        if not any("build-arg" in word.raw for word in simple.args):
            continue
        for option, _, value in simple.options("--build-arg"):
            if option == "--build-arg" and value is not None:
                yield from _build_argument(spec, command, value)


def _build_argument(spec: Buildspec, command: Command, value: Word) -> Iterator[Finding]:
    from .tokens import is_placeholder, names_secret

    name, _, text = value.plain.partition("=")
    if not names_secret(name) or (text and "$" not in text and is_placeholder(text)):
        return
    if _known(spec, command.span_of(value)):
        return
    if text.lower() in ("true", "false", "0", "1", "yes", "no"):
        return
    expires = any(word in name.upper() for word in ("CODEARTIFACT", "SESSION_TOKEN", "CODE_ARTIFACT"))
    expires = expires or (name == "AWS_SECRET_ACCESS_KEY" and "AWS_SESSION_TOKEN" in spec.document.text)
    at = value.start + max(value.raw.find(name), 0)
    yield Finding(
        command.span(at, at + len(name)),
        f"The value of `{name}` stays in the history of the image, for everybody who can pull it.",
        help=f"Write `--secret id={name.lower()},env={name}`, and in the Dockerfile "
        f"`RUN --mount=type=secret,id={name.lower()}`.",
        severity=Severity.INFO if expires else None,
    )
