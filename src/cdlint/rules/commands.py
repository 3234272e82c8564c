"""CD380–CD389: commands that were removed, have aged, or wait for a person."""

from __future__ import annotations

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import Buildspec, scalar_of
from . import rule
from .package_tools import PACKAGE_TOOLS, TOOL_VALUED, absent, answered, family, nothing_more
from .prompts import ASKING, ENDLESS, asks, never_ends
from .tracing import fed, guarded, in_background, looked_up, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..aws.images import Image
    from ..model.buildspec import Command
    from ..syntax.shell import Simple, Word


def _image(spec: Buildspec) -> Image | None:
    if not spec.image:
        return None
    from ..aws.images import image

    return image(spec.image)


@rule("CD380", "package-tool-asks", Severity.WARNING)
def package_tool_asks(spec: Buildspec) -> Iterator[Finding]:
    """A package tool asks whether to go on, and nobody answers.

    A build has no terminal. apt-get asks as soon as it would install more than was named, yum, dnf and conda
    always; without an answer they stop, and the command fails.

    Bad:
        version: 0.2
        phases:
          install:
            commands:
              - apt-get update
      >       - apt-get install jq
    Good:
        version: 0.2
        phases:
          install:
            commands:
              - apt-get update
              - apt-get install -y jq
    """
    for command, simple in spec.calls(*PACKAGE_TOOLS):
        subcommands, answer = PACKAGE_TOOLS[simple.name]
        operands = simple.operands(*TOOL_VALUED)
        sub = operands[0] if operands else None
        if sub is None or sub.plain not in subcommands.split() or answered(spec, simple):
            continue
        if simple.name.startswith("apt") and sub.plain == "install" and nothing_more(simple, operands[1:]):
            continue
        edit = command.edit(sub.end, sub.end, " " + answer)
        yield Finding(
            command.span(simple.first.start if simple.first else simple.start, sub.end),
            f"`{simple.name} {sub.plain}` asks before it goes on, and in a build nobody answers: it stops.",
            help=f"Write `{simple.name} {sub.plain} {answer}`.",
            fix=Fix(f"Add `{answer}`", [edit]) if edit is not None else None,
        )


@rule("CD381", "package-tool-not-on-image", Severity.ERROR)
def package_tool_not_on_image(spec: Buildspec) -> Iterator[Finding]:
    """The image has another package tool, or none.

    Ubuntu images have apt-get, those of Amazon Linux yum or dnf; a Lambda image lets nobody install packages, as
    builds do not run as root there. `amazon-linux-extras` exists on Amazon Linux 2 only. The command is not
    found, and the build fails with status 127. Source: AWS's Dockerfiles of the images; user guide, "Run
    builds on AWS Lambda compute".

    Bad (image: aws/codebuild/amazonlinux-x86_64-standard:5.0):
        version: 0.2
        phases:
          install:
            commands:
      >       - apt-get install -y jq
    Good (image: aws/codebuild/amazonlinux-x86_64-standard:5.0):
        version: 0.2
        phases:
          install:
            commands:
              - dnf install -y jq
    """
    image = _image(spec)
    if (
        image is None
        or image.kind not in ("linux", "lambda")
        or not (image.package_tool or image.kind == "lambda")
    ):
        return
    tools = (
        "apt-get",
        "apt",
        "yum",
        "dnf",
        "apk",
        "zypper",
        "amazon-linux-extras",
        "microdnf",
        "add-apt-repository",
    )
    calls = spec.calls(*tools)
    families = {family(simple.name) for _, simple in calls}
    for command, simple in calls:
        first = simple.first
        if (
            first is None
            or looked_up(simple)
            or guarded(simple)
            or (len(families) > 1 and simple.inside("subshell", "group"))
        ):
            continue
        message = absent(simple, image)
        if message:
            yield Finding(
                command.span_of(first),
                f"{message} ({image.name}): the command fails.",
                help=f"Use `{image.package_tool} install -y`."
                if image.package_tool
                else "Use an image of your own that has the package, or EC2 compute.",
            )


@rule("CD382", "command-waits-for-answer", Severity.WARNING)
def command_waits_for_answer(spec: Buildspec) -> Iterator[Finding]:
    """A command asks a question, or opens an editor, and nobody is there.

    A build has no terminal. Such a command ends with an error, or does nothing and ends well, or waits until the
    build times out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - terraform apply
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - terraform plan -out=plan.tfplan
              - terraform apply plan.tfplan
              - terraform destroy -auto-approve
    """
    for command, simple in spec.calls(*ASKING):
        found = asks(simple, spec.document.text)
        if found is not None and not fed(simple) and not looked_up(simple):
            severity, message, help_text = found
            yield Finding(
                command.span(simple.first.start if simple.first else simple.start, _end(simple)),
                message,
                help=help_text,
                severity=severity,  # type: ignore[arg-type]
            )


def _end(simple: Simple) -> int:
    """The end of the subcommand: `docker system prune` of a longer command."""
    end = simple.first.end if simple.first else simple.end
    for word in simple.args:
        if word.is_option or word.literal is None or not word.raw.replace("-", "").isalpha():
            break
        end = word.end
    return end


@rule("CD383", "command-never-ends", Severity.WARNING)
def command_never_ends(spec: Buildspec) -> Iterator[Finding]:
    """A command runs until somebody stops it.

    A server or a watcher in the foreground keeps the build waiting until it times out.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - npx tsc --watch
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - npx tsc
              - npx http-server dist &
    """
    for command, simple in spec.calls(*ENDLESS):
        found = never_ends(simple)
        if found is None or in_background(simple) or looked_up(simple):
            continue
        severity, word, message, help_text = found
        yield Finding(
            command.span_of(word),
            message,
            help=help_text,
            severity=severity,  # type: ignore[arg-type]
        )


#: Functions and hooks of a shell that must be loaded first, and the subcommands that need them.
_HOOKS = {
    "nvm": ("use install alias exec run default", ". ~/.nvm/nvm.sh"),
    "conda": ("activate deactivate", 'eval "$(conda shell.bash hook)"'),
    "mamba": ("activate deactivate", 'eval "$(mamba shell hook)"'),
    "rbenv": ("shell", 'eval "$(rbenv init -)"'),
    "pyenv": ("shell activate deactivate", 'eval "$(pyenv init -)"'),
    "sdk": ("use install default", ". ~/.sdkman/bin/sdkman-init.sh"),
}


@rule("CD384", "shell-hook-not-loaded", Severity.WARNING)
def shell_hook_not_loaded(spec: Buildspec) -> Iterator[Finding]:
    """`nvm use`, `conda activate` and the like are shell functions, and this item has not loaded them.

    Every item runs in a shell of its own. Variables are carried over to the next, functions are not, and the
    start-up files of a login shell are not read. Source: AWS, build-env-ref-cmd; observed.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
              - . ~/.nvm/nvm.sh
      >       - nvm use 20
    Good:
        version: 0.2
        phases:
          install:
            runtime-versions:
              nodejs: 20
          build:
            commands:
              - . ~/.nvm/nvm.sh && nvm use 20
    """
    calls = spec.calls(*_HOOKS)
    if not calls or any(values(spec, name) for name in ("BASH_ENV", "ENV")):
        return
    for command, simple in calls:
        subcommands, load = _HOOKS[simple.name]
        operands = simple.operands()
        if (
            not operands
            or operands[0].raw not in subcommands.split()
            or simple.name in command.script.functions
        ):
            continue
        if any(
            one.name in (".", "source", "eval") and one.start < simple.start
            for one in command.script.commands
        ):
            continue
        yield Finding(
            command.span(simple.first.start if simple.first else simple.start, operands[0].end),
            f"`{simple.name} {operands[0].raw}` is a function of the shell that this item has not loaded; what an "
            "earlier item loaded is gone.",
            help=f"Load it in the same item: `{load} && {simple.name} {operands[0].raw} …`"
            + (", or use `runtime-versions`." if simple.name in ("nvm", "rbenv", "pyenv", "sdk") else "."),
        )


@rule("CD385", "sudo-needless", Severity.INFO)
def sudo_needless(spec: Buildspec) -> Iterator[Finding]:
    """`sudo` is not needed: builds run as root.

    Some images, and most images of your own, do not have it. Source: AWS, troubleshooting, "Error: sudo".

    Bad:
        version: 0.2
        phases:
          install:
            commands:
      >       - sudo apt-get install -y jq
    Good:
        version: 0.2
        phases:
          install:
            commands:
              - apt-get install -y jq
    """
    if "sudo" not in spec.document.text or spec.get("run-as") is not None:
        return
    found: list[Edit | None] = []
    place = None
    for command, script in spec.scripts():
        phase = spec.phase(command.phase)
        if phase is not None and phase.get("run-as") is not None:
            continue
        for simple in script.commands:
            words = simple.words
            if len(words) < 2 or words[0].raw != "sudo":
                continue
            place = place or command.span_of(words[0])
            # Options and another user mean something.
            if not words[1].is_option and "=" not in words[1].raw:
                found.append(command.edit(words[0].start, words[1].start, ""))
    if place is None:
        return
    edits = [edit for edit in found if edit is not None]
    yield Finding(
        place,
        "Builds run as root, and not every image has `sudo`.",
        help="Leave `sudo` out.",
        fix=Fix("Remove `sudo`", edits, safe=False) if edits else None,
    )


@rule("CD386", "dependencies-not-pinned", Severity.INFO)
def dependencies_not_pinned(spec: Buildspec) -> Iterator[Finding]:
    """Every build installs whatever is newest.

    `npm install` may change the versions of the lock file, and a package without a version is another one
    tomorrow: a build that was green fails without a change. `pip install awscli` moreover puts version 1 of
    the AWS CLI before version 2, which the images have.

    Bad:
        version: 0.2
        phases:
          install:
            commands:
      >       - npm install
    Good:
        version: 0.2
        phases:
          install:
            commands:
              - npm ci
              - pip install ruff==0.8.4
    """
    for command, simple in spec.calls("npm"):
        operands = simple.operands("--prefix", "-C", "--registry", "--workspace", "-w")
        if not operands or operands[0].raw not in ("install", "i"):
            continue
        packages = [word for word in operands[1:] if _is_package(word) and "@" not in word.plain[1:]]
        if packages:
            yield _unpinned(command, packages[0], "@")
        elif len(operands) == 1 and not any(word.plain in ("-g", "--global") for word in simple.args):
            edit = command.edit(operands[0].start, operands[0].end, "ci")
            yield Finding(
                command.span_of(operands[0]),
                "`npm install` may install other versions than the lock file has.",
                help="Use `npm ci`, which installs exactly what `package-lock.json` says.",
                fix=Fix("Use `npm ci`", [edit], safe=False) if edit is not None else None,
            )
    for command, simple in spec.calls("pip", "pip3", "pip2", "python", "python3"):
        packages = [word for word in _pip_packages(simple) if _is_package(word)]
        loose = [word for word in packages if not set("=<>~!@;") & set(word.plain)]
        if loose:
            yield _unpinned(command, loose[0], "==")


def _is_package(word: Word) -> bool:
    text = word.literal
    if (
        not text
        or text in ("pip", "setuptools", "wheel", "npm", ".")
        or text.endswith((".whl", ".gz", ".zip", ".tgz"))
    ):
        return False
    return not text.startswith((".", "/", "~", "git+", "http", "file:", "github:")) and "://" not in text


def _pip_packages(simple: Simple) -> list[Word]:
    """The packages behind `pip install`, `python -m pip install`."""
    operands = simple.operands(
        "-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-t", "--target", "-i", "--index-url",
        "--extra-index-url", "--trusted-host", "-f", "--find-links", "--platform", "--python-version", "--prefix",
        "--cache-dir", "--only-binary", "--no-binary", "--implementation", "--abi", "--root", "--timeout", "-m",
        "--progress-bar", "--upgrade-strategy", "--retries", "--log", "--proxy",
    )  # fmt: skip
    words = [word.raw for word in simple.args]
    if simple.name.startswith("python") and words[:2] != ["-m", "pip"]:
        return []
    return operands[1:] if operands and operands[0].raw == "install" else []


def _unpinned(command: Command, word: Word, mark: str) -> Finding:
    old = mark == "==" and word.plain == "awscli"
    return Finding(
        command.span_of(word),
        "`pip install awscli` installs version 1 of the AWS CLI, and puts it before the version 2 of the image."
        if old
        else f"`{word.plain}` has no version: every build installs the newest.",
        help="Leave it out: the images have the AWS CLI."
        if old
        else f"Name a version: `{word.plain}{mark}…`.",
    )


#: Tools that are development dependencies nearly always.
_DEV_TOOLS = frozenset(
    "jest eslint mocha vitest cypress nyc karma prettier playwright stylelint ava c8".split()
)


@rule("CD387", "dev-dependencies-left-out", Severity.INFO)
def dev_dependencies_left_out(spec: Buildspec) -> Iterator[Finding]:
    """`NODE_ENV` is `production`, so npm leaves out the tools that the build needs.

    With `NODE_ENV=production` npm and Yarn 1 do not install what `devDependencies` names: compilers, bundlers
    and test runners, as a rule.

    Bad:
        version: 0.2
        env:
          variables:
            NODE_ENV: production
        phases:
          build:
            commands:
      >       - npm ci
              - npx jest
    Good:
        version: 0.2
        env:
          variables:
            NODE_ENV: production
        phases:
          build:
            commands:
              - npm ci --include=dev
              - npx jest
    """
    if "NODE_ENV" not in spec.document.text:
        return
    for command, simple in spec.calls("npm", "yarn"):
        operands = simple.operands("--prefix", "-C")
        sub = operands[0].raw if operands else ""
        if sub not in ("ci", "install", "i") and not (simple.name == "yarn" and not operands):
            continue
        if len(operands) > 1 or any(one.name == "NODE_ENV" for one in simple.assigns):
            continue
        options = " ".join(word.plain for word in simple.args if word.is_option)
        if any(mark in options for mark in ("dev", "prod", "-g", "-D")) or not _is_production(
            spec, command, simple
        ):
            continue
        needed = _needed(spec, simple)
        if needed is None:
            continue
        certain = needed in _DEV_TOOLS
        yield Finding(
            command.span_of(simple.first or simple),
            "`NODE_ENV` is `production`: what `devDependencies` names is not installed"
            + (f", such as `{needed}`, which runs later." if certain else "; the build may need it."),
            help="Write `npm ci --include=dev`, or set `NODE_ENV` after it."
            if simple.name == "npm"
            else "Write `yarn install --production=false`, or set `NODE_ENV` after it.",
            severity=Severity.WARNING if certain else None,
        )


def _is_production(spec: Buildspec, command: Command, simple: Simple) -> bool:
    """Is `NODE_ENV` set to `production` when a command runs?"""
    node = scalar_of(spec.get("env", "variables", "NODE_ENV"))
    value = node.value if node is not None else ""
    for other, script in spec.scripts():
        for assignment in script.assignments:
            if other is command and assignment.start >= simple.start:
                break
            # Without `export` npm sees it only if it was exported before.
            if assignment.name == "NODE_ENV" and assignment.value is not None and not assignment.local:
                if assignment.exported or value:
                    value = assignment.value.plain
        if other is command:
            break
    if any(word.raw == "NODE_ENV" for _, one in spec.calls("unset") for word in one.args):
        return False
    return value == "production"


def _needed(spec: Buildspec, simple: Simple) -> str | None:
    """What runs later and may need development dependencies; the surest first."""
    found: str | None = None
    behind = False
    for _, script in spec.scripts():
        for one in script.commands:
            if one is simple:
                behind = True
            elif behind and one.name in ("npx", "npm", "yarn"):
                words = [word.plain for word in one.args if not word.is_option]
                tool = words[0] if words else ""
                if one.name == "npm":
                    tool = tool if tool in ("run", "run-script", "test", "t") else ""
                if tool in _DEV_TOOLS and one.name != "npm":
                    return tool
                if tool and tool not in ("install", "global", "config", "add"):
                    found = found or tool
    return found


@rule("CD388", "command-removed", Severity.WARNING)
def command_removed(spec: Buildspec) -> Iterator[Finding]:
    """A command does not exist any more, or is about to go.

    `npm bin` was removed in npm 9, which comes with Node.js 18 and newer; `easy_install` and the tools of
    Python 2 are not on the images. `apt-key` still works on Ubuntu, but is marked as going.

    Bad:
        version: 0.2
        phases:
          install:
            runtime-versions:
              nodejs: 22
          build:
            commands:
      >       - $(npm bin)/jest
    Good:
        version: 0.2
        phases:
          install:
            runtime-versions:
              nodejs: 22
          build:
            commands:
              - npx jest
    """
    for command, simple in spec.calls("npm"):
        operands = simple.operands()
        if operands and operands[0].raw == "bin" and len(operands) == 1:
            yield _npm_bin(spec, command, simple, operands[0])
    text = spec.document.text
    for command, simple in spec.calls("easy_install", "pip2", "pip2.7", "apt-key"):
        first = simple.first
        if first is None or looked_up(simple) or guarded(simple):
            continue
        if simple.name == "apt-key":
            message, better = (
                "`apt-key` is going",
                "Put the key into `/etc/apt/keyrings` and name it in `signed-by`.",
            )
            yield Finding(command.span_of(first), message + ".", help=better, severity=Severity.INFO)
        elif not any(
            mark in text for mark in ("python2", "python-pip", "get-pip", "setuptools", "python: 2")
        ):
            yield Finding(
                command.span_of(first),
                f"`{simple.name}` belongs to Python 2 or an old setuptools, and the images do not have it.",
                help="Use `pip install`.",
            )


def _npm_bin(spec: Buildspec, command: Command, simple: Simple, word: Word) -> Finding:
    version = scalar_of(spec.get("phases", "install", "runtime-versions", "nodejs"))
    major = version.value.partition(".")[0] if version is not None else ""
    other_npm = "npm@" in spec.document.text
    certain = major.isdigit() and int(major) >= 20 and not other_npm
    return Finding(
        command.span(simple.first.start if simple.first else simple.start, word.end),
        "`npm bin` was removed in npm 9"
        + (f", and Node.js {major} has a newer one: it fails, and the path is empty." if certain else "."),
        help="Use `npx TOOL`, or the path `node_modules/.bin`.",
        severity=Severity.ERROR if certain else None,
    )


@rule("CD389", "host-key-not-known", Severity.INFO)
def host_key_not_known(spec: Buildspec) -> Iterator[Finding]:
    """ssh does not know the host, asks whether to trust it, and nobody answers.

    A build starts without known hosts, so that the first connection fails with `Host key verification failed`.

    Bad:
        version: 0.2
        phases:
          build:
            commands:
      >       - git clone git@github.com:acme/shop.git
    Good:
        version: 0.2
        phases:
          build:
            commands:
              - ssh-keyscan github.com >> ~/.ssh/known_hosts
              - git clone git@github.com:acme/shop.git
    """
    text = spec.document.text
    if any(
        mark in text
        for mark in ("StrictHostKeyChecking", "known_hosts", "ssh-keyscan", "GIT_SSH", "insteadOf")
    ):
        return
    for command, simple in spec.calls("ssh", "scp", "sftp", "git"):
        word: Word | None = simple.first
        if simple.name == "git":
            if not any(one.raw in ("clone", "fetch", "push", "pull", "add") for one in simple.args[:3]):
                continue
            word = next((one for one in simple.args if one.plain.startswith(("git@", "ssh://"))), None)
        elif not simple.args or any(one.raw in ("-V", "-G", "-Q") for one in simple.args):
            continue
        if word is not None and not guarded(simple):
            yield Finding(
                command.span_of(word),
                "A build knows no hosts: ssh asks whether to trust this one, and nobody answers.",
                help="Put the host's key into `~/.ssh/known_hosts` first, after checking it.",
            )
            return
