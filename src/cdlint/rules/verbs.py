"""What a command of a build does: it builds, tests, scans, packages, deploys, installs or downloads.

Only commands whose failure matters have a kind. Those that ask (`aws … describe-stacks`), clean up or create what may
be there already (`docker rm`, `kubectl create`) have none.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..syntax.shell import Simple

BUILD, TEST, SCAN, PACKAGE, DEPLOY = "build", "test", "scan", "package", "deploy"
INSTALL, DOWNLOAD = "install", "download"
#: The failure of such a command is mostly followed by that of the next, which needs what is missing.
WEAK = frozenset((INSTALL, DOWNLOAD))

#: Programs that neither fail in a way that counts nor do anything that counts.
HARMLESS = frozenset(
    "echo printf : true date pwd ls cat cd export env printenv set chmod mkdir readonly unset sleep which whoami "
    "uname head tail wc rm alias local declare typeset exit popd pushd hostname id df free nproc".split()
)

_PROGRAMS = {
    BUILD: "tsc webpack ninja ant msbuild javac sphinx-build esbuild rollup sbt lein gulp grunt cmake xcodebuild",
    TEST: "pytest tox nox jest mocha karma phpunit rspec newman behave ctest vitest codebuild-tests-run taskcat",
    SCAN: "eslint tslint stylelint flake8 pylint mypy bandit safety trivy grype checkov tfsec tflint terrascan "
    "cfn-lint cfn_nag_scan cfn_nag hadolint shellcheck yamllint jsonlint semgrep gitleaks sonar-scanner gosec "
    "golangci-lint staticcheck govulncheck pip-audit rubocop brakeman kubeval kubeconform detekt ktlint ruff "
    "dockle codespell conftest",
    PACKAGE: "zip",
    DEPLOY: "ansible-playbook semantic-release",
    DOWNLOAD: "unzip wget",
}

#: By program and subcommand.
_SUBCOMMANDS = {
    "cargo": "build:build check:build test:test clippy:scan audit:scan publish:deploy install:install",
    "cdk": "synth:build synthesize:build deploy:deploy",
    "chalice": "deploy:deploy package:package",
    "composer": "install:install update:install",
    "copilot": "deploy:deploy",
    "cypress": "run:test",
    "dotnet": "build:build publish:build test:test pack:package restore:install",
    "eb": "deploy:deploy",
    "flutter": "build:build test:test",
    "gem": "install:install push:deploy build:build",
    "go": "build:build generate:build test:test vet:scan get:install install:install mod:install",
    "goreleaser": "release:deploy build:build",
    "helm": "upgrade:deploy install:deploy package:package push:deploy lint:scan test:test",
    "kubectl": "apply:deploy replace:deploy patch:deploy set:deploy rollout:deploy scale:deploy",
    "mkdocs": "build:build gh-deploy:deploy",
    "next": "build:build",
    "ng": "build:build test:test lint:scan e2e:test deploy:deploy",
    "packer": "build:build validate:test",
    "pip": "install:install wheel:build",
    "playwright": "test:test install:install",
    "poetry": "install:install build:build publish:deploy",
    "pulumi": "up:deploy",
    "react-scripts": "build:build test:test",
    "sam": "build:build package:package deploy:deploy validate:test publish:deploy",
    "serverless": "deploy:deploy package:package",
    "snyk": "test:scan container:scan iac:scan code:scan",
    "swift": "build:build test:test",
    "terraform": "init:install validate:test plan:build apply:deploy",
    "twine": "upload:deploy check:test",
    "uv": "sync:install build:build publish:deploy",
    "vite": "build:build",
    "zappa": "deploy:deploy update:deploy",
    # Package managers of the system.
    "apt-get": "install:install",
    "yum": "install:install",
    "apk": "add:install",
    # Containers: see `_docker`.
    "docker": "build:build run:build push:deploy save:package pull:download exec:test",
}

_SAME = {
    "pip3": "pip",
    "apt": "apt-get",
    "dnf": "yum",
    "podman": "docker",
    "nerdctl": "docker",
    "sls": "serverless",
    "tofu": "terraform",
    "terragrunt": "terraform",
    "mvnw": "mvn",
    "gradlew": "gradle",
    "pnpm": "yarn",
}

#: What `aws SERVICE OPERATION` changes, so that its failure counts.
_AWS = {
    "amplify": "start-job start-deployment",
    "apigateway": "create-deployment",
    "apprunner": "start-deployment update-service",
    "batch": "register-job-definition",
    "cloudformation": "deploy create-stack update-stack create-change-set execute-change-set create-stack-set "
    "update-stack-set create-stack-instances update-stack-instances",
    "deploy": "create-deployment push",
    "ecr": "put-image",
    "ecs": "update-service register-task-definition deploy run-task",
    "elasticbeanstalk": "update-environment create-application-version",
    "glue": "update-job",
    "lambda": "update-function-code update-function-configuration publish-version publish-layer-version update-alias",
    "s3api": "put-object",
    "secretsmanager": "put-secret-value update-secret",
    "serverlessrepo": "create-application-version",
    "ssm": "put-parameter",
    "stepfunctions": "update-state-machine",
}
_AWS_VALUED = (
    "--region",
    "--profile",
    "--output",
    "--query",
    "--endpoint-url",
    "--color",
    "--cli-input-json",
)

#: Options before a subcommand that take a value.
_VALUED = ("-n", "--namespace", "--context", "--kubeconfig", "--profile", "--region", "-C", "--manifest-path")

#: Programs that run the program named behind them, past this many words.
_RUNNERS = {"npx": 0, "bunx": 0, "xvfb-run": 0, "poetry": 1, "pipenv": 1, "uv": 1, "bundle": 1, "hatch": 1}

#: Parts of names of scripts, targets and tasks.
_NAMES = {
    TEST: frozenset("test tests unit integration e2e spec verify check jest pytest coverage ci".split()),
    SCAN: frozenset("lint audit scan vet eslint flake8 typecheck".split()),
    DEPLOY: frozenset("deploy publish release push upload".split()),
    PACKAGE: frozenset("package pack bundle dist".split()),
    BUILD: frozenset("build compile synth generate".split()),
}
_IDLE_NAMES = frozenset(
    "clean start dev serve watch help install bootstrap login logout version setup init stop down prepare".split()
)


def kind_of(simple: Simple) -> str:
    """What the command does, or "" where its failure does not count or nothing is known."""
    name = simple.name
    if not name or name in HARMLESS:
        return ""
    kind = _kind(name, [word.plain for word in simple.args])
    if kind == DEPLOY and any(word.raw.startswith(("--dry-run", "--dryrun")) for word in simple.args):
        return TEST
    return kind


def label(simple: Simple) -> str:
    """The command's name for a message: `docker build`, `aws s3 cp`, `pytest`."""
    first = simple.first
    if first is None:
        return "the command"
    words = [simple.name if first.raw.startswith("/") else first.raw]
    most = 2 if simple.name == "aws" else 1
    if _has_subcommand(simple.name):
        for word in simple.args:
            if len(words) > most or word.raw[:1] == "-" or not _is_word(word.raw):
                break
            words.append(word.raw)
        if words[1:] in (["run"], ["run-script"]) and len(simple.args) > 1 and _is_word(simple.args[1].raw):
            words.append(simple.args[1].raw)
    return " ".join(words)


def label_end(simple: Simple) -> int:
    """Where the words of `label` end in the script."""
    count = label(simple).count(" ")
    first = simple.first
    if not count or first is None:
        return first.end if first is not None else simple.end
    return simple.args[count - 1].end


def _has_subcommand(name: str) -> bool:
    return (
        name in _SUBCOMMANDS
        or name in _SAME
        or name in ("aws", "npm", "yarn", "mvn", "make", "npx", "gradle")
    )


def _is_word(raw: str) -> bool:
    return raw.replace("-", "a").replace(":", "a").replace("_", "a").isalnum()


def _kind(name: str, args: list[str]) -> str:
    if args[:1] and args[0] in ("--help", "--version", "-version", "version", "help"):
        return ""
    base = name.rpartition("/")[2]
    base = _SAME.get(base, base)
    special = _SPECIAL.get(base)
    if special is not None:
        return special(args)
    if base in _RUNNERS:
        skipped = _RUNNERS[base]
        rest = [arg for n, arg in enumerate(args) if arg[:1] != "-" or n > skipped]
        if skipped == 0 and rest:
            return _kind(rest[0], rest[1:])
        if skipped and len(rest) > 1 and rest[0] in ("run", "exec"):
            return _kind(rest[1], rest[2:])
        if base == "uv" and rest[:1] == ["pip"]:
            return _kind("pip", rest[1:])
        if base == "bundle":
            return INSTALL if not rest or rest[0] == "install" else ""
    if base in _SUBCOMMANDS:
        return _subcommand(_SUBCOMMANDS[base], args)
    for kind, programs in _PROGRAMS.items():
        if base in programs.split():
            return kind
    if "/" in name or base.endswith(".sh"):
        return _by_name(base)
    return ""


def _subcommand(table: str, args: list[str]) -> str:
    for n, arg in enumerate(args):
        if arg[:1] != "-" and (not n or args[n - 1] not in _VALUED):
            for entry in table.split():
                word, _, kind = entry.partition(":")
                if word == arg:
                    return kind
            return ""
    return ""


def _by_name(text: str) -> str:
    """The kind of a script, target or task, by the parts of its name."""
    for sign in "-_.:/":
        text = text.replace(sign, " ")
    parts = text.lower().split()
    if not parts or parts[0] in _IDLE_NAMES:
        return ""
    for kind, names in _NAMES.items():
        if not names.isdisjoint(parts):
            return kind
    return ""


def _npm(args: list[str]) -> str:
    words = [arg for arg in args if arg[:1] != "-"]
    first = words[0] if words else ""
    if first in ("ci", "install", "i", "add", "clean-install"):
        return INSTALL
    if first in ("test", "t", "tst"):
        return TEST
    if first in ("run", "run-script") and len(words) > 1:
        return _task(words[1])
    return {"audit": SCAN, "publish": DEPLOY, "pack": PACKAGE}.get(first, "")


def _yarn(args: list[str]) -> str:
    words = [arg for n, arg in enumerate(args) if arg[:1] != "-" and (not n or args[n - 1] != "--cwd")]
    if not words:
        return INSTALL if not args or args[0] not in ("-v", "--version") else ""
    first = words[0]
    if first in ("install", "add", "i"):
        return INSTALL
    if first in ("config", "cache", "version", "list", "why", "set", "info", "global", "link", "dlx", "exec"):
        return ""
    if first == "run" and len(words) > 1:
        return _task(words[1])
    return _by_name(first)


def _task(name: str) -> str:
    """A script of package.json: named by its author, run for its effect."""
    found = _by_name(name)
    return found or ("" if _is_idle(name) else BUILD)


def _is_idle(name: str) -> bool:
    """`clean`, `start:dev`; a name that is not known is idle too."""
    return "$" in name or name.replace("-", ":").replace("_", ":").partition(":")[0].lower() in _IDLE_NAMES


def _maven(args: list[str]) -> str:
    goals = [
        arg for n, arg in enumerate(args) if arg[:1] != "-" and (not n or args[n - 1] not in _MAVEN_VALUED)
    ]
    for goal, kind in (("deploy", DEPLOY), ("test", TEST), ("verify", TEST), ("sonar:sonar", SCAN)):
        if goal in goals:
            return kind
    return BUILD if any(goal in ("package", "install", "compile") for goal in goals) else ""


_MAVEN_VALUED = ("-s", "-f", "-pl", "-P", "--file", "--settings", "-T", "-rf")


def _gradle(args: list[str]) -> str:
    tasks = [arg.rpartition(":")[2] for arg in args if arg[:1] != "-"]
    for task in tasks:
        found = _by_name(task) or (
            BUILD if task in ("assemble", "jar", "bootJar", "shadowJar", "war") else ""
        )
        if found:
            return found
    return ""


def _make(args: list[str]) -> str:
    if any(arg in ("-n", "-v", "--dry-run") for arg in args):
        return ""
    targets = [
        arg
        for n, arg in enumerate(args)
        if arg[:1] != "-" and "=" not in arg and (not n or args[n - 1] not in ("-C", "-f", "-j"))
    ]
    if not targets:
        return BUILD
    found = next((kind for kind in (_by_name(target) for target in targets) if kind), "")
    return found or (BUILD if any(not _is_idle(target) for target in targets) else "")


def _docker(args: list[str]) -> str:
    words = [arg for arg in args if arg[:1] != "-"]
    first = words[0] if words else ""
    second = words[1] if len(words) > 1 else ""
    if first in ("buildx", "image", "builder") and second:
        if second in ("build", "bake"):
            return DEPLOY if "--push" in args else BUILD
        return DEPLOY if second == "push" else ""
    if first == "compose":
        return _compose(args[args.index("compose") + 1 :])
    if first == "stack":
        return DEPLOY if second == "deploy" else ""
    if first == "run" and any(arg in ("-d", "--detach", "-dit", "-itd") for arg in args):
        return ""
    return _subcommand(_SUBCOMMANDS["docker"], words[:1])


def _compose(args: list[str]) -> str:
    if "-d" in args or "--detach" in args:
        return ""
    for arg in args:
        kind = {"build": BUILD, "push": DEPLOY, "run": TEST, "up": TEST, "exec": TEST, "pull": DOWNLOAD}.get(
            arg
        )
        if kind:
            return kind
    return ""


def _aws(args: list[str]) -> str:
    words = [
        arg for n, arg in enumerate(args) if arg[:1] != "-" and (not n or args[n - 1] not in _AWS_VALUED)
    ]
    if len(words) < 2:
        return ""
    service, operation = words[:2]
    if service == "s3":
        places = words[2:4]
        if operation not in ("cp", "sync", "mv") or len(places) < 2:
            return ""
        return DEPLOY if places[1].startswith("s3:") or not places[0].startswith("s3:") else DOWNLOAD
    if service == "cloudformation" and operation in ("package", "validate-template"):
        return PACKAGE if operation == "package" else TEST
    if operation == "wait":
        waited = words[2] if len(words) > 2 else ""
        return DEPLOY if service in _AWS and service != "ecr" and "delete" not in waited else ""
    return DEPLOY if operation in _AWS.get(service, "").split() else ""


def _python(args: list[str]) -> str:
    if args[:1] == ["-m"] and len(args) > 1:
        if args[1] in ("unittest", "build"):
            return TEST if args[1] == "unittest" else BUILD
        return _kind(args[1], args[2:])
    if args[:1] and args[0].endswith(".py"):
        base = args[0].rpartition("/")[2]
        if base in ("setup.py", "manage.py") and len(args) > 1:
            return {"sdist": BUILD, "bdist_wheel": BUILD, "test": TEST, "install": INSTALL}.get(args[1], "")
        return _by_name(base[:-3])
    return ""


def _shell(args: list[str]) -> str:
    for arg in args:
        if arg[:1] != "-":
            return _by_name(arg.rpartition("/")[2]) if "$" not in arg and " " not in arg else ""
        if arg[1:2] != "-" and "c" in arg:
            return ""
    return ""


def _tar(args: list[str]) -> str:
    if not args:
        return ""
    letters = args[0].lstrip("-")
    if args[0] == "--create" or ("c" in letters and not args[0].startswith("--")):
        return PACKAGE
    return DOWNLOAD if "x" in letters else ""


def _curl(args: list[str]) -> str:
    """A download, where a failure shows (`-f`) or a file is written; not a message to somebody."""
    for arg in args:
        if arg in ("-X", "-d", "--data", "--request", "-F", "--form", "-T"):
            return ""
    for arg in args:
        if arg in ("--fail", "--output", "--remote-name"):
            return DOWNLOAD
        if arg[:1] == "-" and arg[1:2] != "-" and not {"f", "o", "O"}.isdisjoint(arg[1:]):
            return DOWNLOAD
    return ""


def _terraform(args: list[str]) -> str:
    if args[:1] == ["fmt"]:
        return SCAN if any(arg.startswith("-check") for arg in args) else ""
    return _subcommand(_SUBCOMMANDS["terraform"], args)


def _black(args: list[str]) -> str:
    return SCAN if "--check" in args or "--check-only" in args else ""


_SPECIAL = {
    "aws": _aws,
    "bash": _shell,
    "black": _black,
    "curl": _curl,
    "docker": _docker,
    "docker-compose": _compose,
    "gradle": _gradle,
    "isort": _black,
    "make": _make,
    "mvn": _maven,
    "npm": _npm,
    "prettier": _black,
    "python": _python,
    "python3": _python,
    "sh": _shell,
    "tar": _tar,
    "terraform": _terraform,
    "yarn": _yarn,
}
