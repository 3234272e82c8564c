"""CD260–CD269: builds of a batch, the order they run in, and the machines they run on."""

from __future__ import annotations

from itertools import islice

from ..findings import Edit, Finding, Fix, Severity
from ..model.buildspec import BATCH_KEYS, Buildspec, mapping_of, scalar_of, tasks, texts
from ..syntax.tree import Mapping, Scalar
from ..wording import closest, listed
from . import rule
from .paths import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("build-list", "build-graph", "build-matrix", "build-fanout")
_ALL = ("SMALL", "MEDIUM", "LARGE", "XLARGE", "2XLARGE")
_LAMBDA = tuple(f"BUILD_LAMBDA_{size}GB" for size in (1, 2, 4, 8, 10))
#: The sizes that AWS offers for each type of environment.
SIZES = {
    "LINUX_CONTAINER": _ALL,
    "ARM_CONTAINER": _ALL,
    "LINUX_GPU_CONTAINER": ("SMALL", "LARGE"),
    "LINUX_EC2": ("SMALL", "MEDIUM", "LARGE"),
    "ARM_EC2": ("SMALL", "MEDIUM", "LARGE"),
    "WINDOWS_SERVER_2019_CONTAINER": ("MEDIUM", "LARGE"),
    "WINDOWS_SERVER_2022_CONTAINER": ("MEDIUM", "LARGE", "XLARGE", "2XLARGE"),
    "WINDOWS_EC2": ("MEDIUM", "LARGE"),
    "MAC_ARM": ("MEDIUM", "LARGE"),
}
#: Comparisons of names, and circles told, in one file: enough for people, and quick.
_MOST_GUESSES = 20_000
_MOST_CYCLES = 10
_ON_LAMBDA = ("LINUX_LAMBDA_CONTAINER", "ARM_LAMBDA_CONTAINER")


def _environments(spec: Buildspec) -> Iterator[tuple[Mapping, Mapping]]:
    """`(build, its env)` for every build of a list or graph, and for the matrix."""
    for task in tasks(spec):
        env = mapping_of(task.get("env"))
        if env is not None:
            yield task, env
    static = mapping_of(spec.get("batch", "build-matrix", "static"))
    env = mapping_of(static.get("env")) if static is not None else None
    if static is not None and env is not None:
        yield static, env


@rule("CD260", "several-batch-kinds", Severity.ERROR)
def several_batch_kinds(spec: Buildspec) -> Iterator[Finding]:
    """`batch` has more than one kind of builds.

    A batch is a list, a graph, a matrix or a fan-out. It cannot be two of them.

    Bad:
        version: 0.2
        batch:
          build-list:
            - identifier: lint
              buildspec: lint.yml
      >   build-matrix:
            dynamic:
              buildspec: [a.yml, b.yml]
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: lint
              buildspec: lint.yml
            - identifier: test
              buildspec: test.yml
    """
    batch = mapping_of(spec.get("batch"))
    if batch is None:
        return
    found = [key for name, key, _ in batch.items() if name in KINDS]
    for key in found[1:2]:
        names = listed([f"`{one.value}`" for one in found if isinstance(one, Scalar)], "and")
        yield Finding(
            key.span,
            f"A batch has one kind of builds, but here are {names}.",
            help="Keep one; a `build-graph` can do what a `build-list` does.",
        )


@rule("CD261", "no-batch-kind", Severity.ERROR)
def no_batch_kind(spec: Buildspec) -> Iterator[Finding]:
    """`batch` names no builds.

    Without `build-list`, `build-graph`, `build-matrix` or `build-fanout` a batch has nothing to
    run, and its start fails.

    Bad:
        version: 0.2
      > batch:
          fast-fail: true
        phases:
          build:
            commands: [make]
    Good:
        version: 0.2
        batch:
          fast-fail: true
          build-list:
            - identifier: one
            - identifier: two
        phases:
          build:
            commands: [make]
    """
    batch, key = mapping_of(spec.get("batch")), spec.key("batch")
    if batch is None or key is None or not len(batch) or spec.document.damaged:
        return
    # An unknown key may well be the misspelt kind; it is reported as such.
    if all(name in BATCH_KEYS and name not in KINDS for name, _, _ in batch.items()):
        yield Finding(
            key.span,
            "This batch names no builds: a batch build cannot start from it.",
            help="Add `build-list`, `build-graph`, `build-matrix` or `build-fanout`.",
        )


@rule("CD262", "unknown-dependency", Severity.ERROR)
def unknown_dependency(spec: Buildspec) -> Iterator[Finding]:
    """`depend-on` names a build that is not in the graph.

    CodeBuild resolves the graph before any build starts, so the whole batch fails. Identifiers are
    compared letter by letter.

    Bad:
        version: 0.2
        batch:
          build-graph:
            - identifier: build_linux
              buildspec: build.yml
            - identifier: test
              buildspec: test.yml
      >       depend-on: [build-linux]
    Good:
        version: 0.2
        batch:
          build-graph:
            - identifier: build_linux
              buildspec: build.yml
            - identifier: test
              buildspec: test.yml
              depend-on: [build_linux]
    """
    graph = tasks(spec, "build-graph")
    names = [scalar_of(task.get("identifier")) for task in graph]
    identifiers = [name.value for name in names if name is not None]
    if spec.document.damaged or not all(known(name) for name in identifiers):
        return
    there = set(identifiers)
    guesses = _MOST_GUESSES
    for task, name in zip(graph, names, strict=True):
        for wanted in texts(task.get("depend-on")):
            if not known(wanted.value) or wanted.value in there:
                continue
            guesses -= len(identifiers)
            others = []
            if guesses >= 0:
                others = [one for one in identifiers if name is None or one != name.value]
            meant = closest(wanted.value, others)
            yield Finding(
                wanted.span,
                f"No build of this graph has the identifier `{wanted.value}`: the batch fails "
                "before its first build starts.",
                help=f"Write `{meant}`." if meant else "Write the identifier of another build.",
                fix=_renamed(wanted, meant, others) if meant else None,
            )


def _renamed(node: Scalar, meant: str, others: list[str]) -> Fix | None:
    if node.style in ("|", ">"):
        return None
    rest = [one for one in others if one != meant]
    digits = [char for char in node.value if char.isdigit()]
    sure = closest(node.value, rest) is None and digits == [c for c in meant if c.isdigit()]
    edit = Edit(node.start, node.end, node.style + meant + node.style)
    return Fix(f"Write {meant}", [edit], safe=sure)


@rule("CD263", "duplicate-batch-identifier", Severity.ERROR)
def duplicate_batch_identifier(spec: Buildspec) -> Iterator[Finding]:
    """Two builds of a batch have the same identifier.

    The identifier is what `depend-on`, variables and artifacts tell the builds apart by.

    Bad:
        version: 0.2
        batch:
          build-list:
            - identifier: test
              buildspec: a.yml
      >     - identifier: test
              buildspec: b.yml
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: test_a
              buildspec: a.yml
            - identifier: test_b
              buildspec: b.yml
    """
    document = spec.document
    for kind in KINDS[:2]:
        seen: dict[str, Scalar] = {}
        for task in tasks(spec, kind):
            name = scalar_of(task.get("identifier"))
            if name is None or not known(name.value):
                continue
            first = seen.setdefault(name.value, name)
            if first is not name:
                place = document.source.position(document.draft.span(first.span).start)
                yield Finding(
                    name.span,
                    f"The identifier `{name.value}` is taken already, in line {place.line}: the "
                    "batch does not start.",
                    help="Give each build an identifier of its own.",
                )


@rule("CD264", "dependency-cycle", Severity.ERROR)
def dependency_cycle(spec: Buildspec) -> Iterator[Finding]:
    """Builds of a graph wait for each other.

    None of them can be the first, so the batch fails.

    Bad:
        version: 0.2
        batch:
          build-graph:
            - identifier: build
              buildspec: build.yml
              depend-on: [test]
            - identifier: test
              buildspec: test.yml
      >       depend-on: [build]
    Good:
        version: 0.2
        batch:
          build-graph:
            - identifier: build
              buildspec: build.yml
            - identifier: test
              buildspec: test.yml
              depend-on: [build]
    """
    graph: dict[str, list[Scalar]] = {}
    for task in tasks(spec, "build-graph"):
        name = scalar_of(task.get("identifier"))
        if name is not None:
            graph.setdefault(name.value, []).extend(texts(task.get("depend-on")))
    for path, last in islice(_cycles(graph), _MOST_CYCLES):
        if len(path) == 1:
            message = f"`{path[0]}` waits for itself: the batch cannot start."
        else:
            circle = " → ".join(f"`{name}`" for name in _shortened([*path, path[0]]))
            message = f"These builds wait for each other, so none can start: {circle}."
        yield Finding(last.span, message, help="Remove one of these dependencies.")


def _shortened(names: list[str]) -> list[str]:
    return names if len(names) <= 8 else [*names[:4], "…", *names[-3:]]


def _cycles(graph: dict[str, list[Scalar]]) -> Iterator[tuple[list[str], Scalar]]:
    """`(identifiers on the circle, the dependency that closes it)`, found without recursion."""
    done: set[str] = set()
    for root in graph:
        if root in done:
            continue
        path, place = [root], {root: 0}
        left = [iter(graph[root])]
        while path:
            wanted = next(left[-1], None)
            if wanted is None:
                left.pop()
                name = path.pop()
                del place[name]
                done.add(name)
            elif wanted.value in place:
                yield path[place[wanted.value] :], wanted
            elif wanted.value in graph and wanted.value not in done:
                place[wanted.value] = len(path)
                path.append(wanted.value)
                left.append(iter(graph[wanted.value]))


@rule("CD265", "compute-type-and-fleet", Severity.ERROR)
def compute_type_and_fleet(spec: Buildspec) -> Iterator[Finding]:
    """A build of a batch has both `fleet` and `compute-type`.

    A reserved fleet decides on the machine itself; AWS allows one of the two.

    Bad:
        version: 0.2
        batch:
          build-list:
            - identifier: test
              buildspec: test.yml
              env:
                compute-type: BUILD_GENERAL1_SMALL
      >         fleet: my-fleet
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: test
              buildspec: test.yml
              env:
                fleet: my-fleet
    """
    for _, env in _environments(spec):
        fleet, compute = env.key("fleet"), env.key("compute-type")
        if fleet is None or compute is None:
            continue
        if scalar_of(env.get("fleet")) is None or scalar_of(env.get("compute-type")) is None:
            continue
        yield Finding(
            (fleet if fleet.start > compute.start else compute).span,
            "`fleet` and `compute-type` cannot both be set for one build.",
            help="Keep `fleet` to run on reserved machines, or else `compute-type`.",
        )


@rule("CD266", "compute-type-not-for-type", Severity.ERROR)
def compute_type_not_for_type(spec: Buildspec) -> Iterator[Finding]:
    """The machine size does not exist for this type of environment.

    Sizes named `BUILD_LAMBDA_…` go with the Lambda types, and only with them; other types have only
    some of the sizes named `BUILD_GENERAL1_…`. CodeBuild refuses the build.

    Bad:
        version: 0.2
        batch:
          build-list:
            - identifier: test
              buildspec: test.yml
              env:
                type: LINUX_CONTAINER
      >         compute-type: BUILD_LAMBDA_2GB
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: test
              buildspec: test.yml
              env:
                type: LINUX_LAMBDA_CONTAINER
                compute-type: BUILD_LAMBDA_2GB
    """
    for _, env in _environments(spec):
        kind = scalar_of(env.get("type"))
        if kind is None or "fleet" in env:
            continue
        for compute in texts(env.get("compute-type")):
            yield from unfit(kind.value, compute)
    static = scalar_of(spec.get("batch", "build-matrix", "static", "env", "type"))
    if static is not None:
        for compute in texts(spec.get("batch", "build-matrix", "dynamic", "env", "compute-type")):
            yield from unfit(static.value, compute)


def unfit(kind: str, compute: Scalar) -> Iterator[Finding]:
    """A size of machine that a type of environment does not have."""
    value = compute.value
    general = value.startswith("BUILD_GENERAL1_") and value[15:] in _ALL
    if not general and value not in _LAMBDA:
        return
    if kind in _ON_LAMBDA:
        fits, wanted, severity = value in _LAMBDA, _LAMBDA, Severity.ERROR
    elif kind in SIZES:
        fits = general and value[15:] in SIZES[kind]
        wanted = tuple(f"BUILD_GENERAL1_{size}" for size in SIZES[kind])
        # The list of sizes grows; only Lambda and the others never mix.
        severity = Severity.WARNING if general else Severity.ERROR
    else:
        return
    if not fits:
        yield Finding(
            compute.span,
            f"`{value}` does not exist for the type {kind}.",
            help=f"Write {listed(wanted)}, or change the type.",
            severity=severity,
        )


@rule("CD267", "retired-environment-type", Severity.WARNING)
def retired_environment_type(spec: Buildspec) -> Iterator[Finding]:
    """The type `WINDOWS_CONTAINER` is retired.

    It stood for Windows Server 2016, which CodeBuild no longer offers. Its successors have the year
    in their names.

    Bad:
        version: 0.2
        batch:
          build-list:
            - identifier: windows
              buildspec: windows.yml
              env:
      >         type: WINDOWS_CONTAINER
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: windows
              buildspec: windows.yml
              env:
                type: WINDOWS_SERVER_2022_CONTAINER
    """
    for _, env in _environments(spec):
        kind = scalar_of(env.get("type"))
        if kind is not None and kind.value == "WINDOWS_CONTAINER":
            yield Finding(
                kind.span,
                "`WINDOWS_CONTAINER` (Windows Server 2016) is retired.",
                help="Write `WINDOWS_SERVER_2022_CONTAINER`, and an image that fits.",
            )


@rule("CD268", "unsupported-on-lambda", Severity.WARNING)
def unsupported_on_lambda(spec: Buildspec) -> Iterator[Finding]:
    """A build on Lambda asks for what there is not on Lambda.

    Lambda compute has no Docker daemon and no privileged mode, and no session can be opened in a
    running build.

    Bad:
        version: 0.2
        batch:
          build-list:
            - identifier: image
              buildspec: image.yml
              env:
                type: LINUX_LAMBDA_CONTAINER
      >         privileged-mode: true
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: image
              buildspec: image.yml
              env:
                type: LINUX_CONTAINER
                privileged-mode: true
    """
    for task, env in _environments(spec):
        kind = scalar_of(env.get("type"))
        compute = scalar_of(env.get("compute-type"))
        if kind is not None:
            on_lambda = kind.value in _ON_LAMBDA
        else:
            on_lambda = compute is not None and compute.value in _LAMBDA
        if not on_lambda:
            continue
        for name, setting in (
            ("privileged-mode", scalar_of(env.get("privileged-mode"))),
            ("debug-session", scalar_of(task.get("debug-session"))),
        ):
            if setting is not None and setting.truth:
                what = "Docker" if name == "privileged-mode" else "session in a running build"
                yield Finding(
                    setting.span,
                    f"This build runs on Lambda compute, where there is no {what}.",
                    help=f"Delete `{name}`, or choose a type that is not Lambda.",
                )


@rule("CD269", "batch-in-version-0-1", Severity.WARNING)
def batch_in_version_0_1(spec: Buildspec) -> Iterator[Finding]:
    """`batch` stands in a buildspec of version 0.1.

    Batch builds came in 2020, three years after version 0.2; the old version does not know them.

    Bad:
        version: 0.1
      > batch:
          build-list:
            - identifier: test
              buildspec: test.yml
    Good:
        version: 0.2
        batch:
          build-list:
            - identifier: test
              buildspec: test.yml
    """
    version, key = spec.version, spec.key("batch")
    if version is not None and key is not None and version.value.rstrip("0") == "0.1":
        yield Finding(
            key.span,
            "Version 0.1 of the buildspec format knows no `batch`.",
            help="Write `version: 0.2`.",
        )
