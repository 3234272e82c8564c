"""CD745–CD750: the deploy specification of the EC2 deploy action."""

from __future__ import annotations

from ..findings import Finding, Fix, Severity
from ..model.deploy_files import scripts
from ..model.values import known
from ..syntax.document import Document
from ..syntax.tree import Mapping, Scalar
from . import rule
from .deploy_findings import is_placeholder, reported, retyped, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@rule("CD745", "deploy-spec-version", Severity.ERROR)
def deploy_spec_version(document: Document) -> Iterator[Finding]:
    """The version of the deploy specification is missing, or is not 0.1.

    `0.0` is the version of an AppSpec, `0.2` that of a buildspec.

    Bad:
      > version: 0.2
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
            - location: scripts/restart.sh
    Good:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
            - location: scripts/restart.sh
    """
    for violation in reported(document, "deploy-spec-version"):
        found, node = violation.finding(), violation.node
        if violation.keyword == "enum" and isinstance(node, Scalar):
            found.fix = Fix("Write 0.1", [retyped(node, "0.1")])
        yield found


@rule("CD746", "deploy-spec-files", Severity.ERROR)
def deploy_spec_files(document: Document) -> Iterator[Finding]:
    """`files` is no list of entries with `source` and `destination`.

    Each entry begins with a hyphen and has both keys.

    Bad:
        version: 0.1
        files:
      >   - source: /
        scripts:
          AfterDeploy:
            - location: scripts/restart.sh
    Good:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
            - location: scripts/restart.sh
    """
    yield from told(document, "deploy-spec-files")


@rule("CD747", "deploy-spec-event", Severity.ERROR)
def deploy_spec_event(document: Document) -> Iterator[Finding]:
    """An event that a deploy specification does not have.

    The EC2 deploy action runs the scripts of `BeforeDeploy`, copies the files, and runs those of `AfterDeploy`. The
    many events of CodeDeploy do not come here.

    Bad:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          BeforeDeploy:
            - location: scripts/stop.sh
      >   ApplicationStart:
            - location: scripts/start.sh
    Good:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          BeforeDeploy:
            - location: scripts/stop.sh
          AfterDeploy:
            - location: scripts/start.sh
    """
    yield from told(document, "deploy-spec-event")


@rule("CD748", "deploy-spec-scripts", Severity.ERROR)
def deploy_spec_scripts(document: Document) -> Iterator[Finding]:
    """The scripts of a deploy specification do not have the form that the action reads.

    `scripts` maps `BeforeDeploy` and `AfterDeploy` to lists, and each script has a `location`.

    Bad:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
      >     location: scripts/restart.sh
    Good:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
            - location: scripts/restart.sh
    """
    for violation in reported(document, "deploy-spec-scripts"):
        found, node = violation.finding(), violation.node
        if isinstance(node, Mapping) and node.pairs and not node.flow and violation.keyword == "type":
            found.span = node.pairs[0][0].span
        yield found


@rule("CD749", "deploy-spec-key", Severity.WARNING)
def deploy_spec_key(document: Document) -> Iterator[Finding]:
    """A key that a deploy specification does not have.

    It has `version`, `files` and `scripts`. `os`, `permissions` and `hooks` belong to the AppSpec of CodeDeploy.

    Bad:
        version: 0.1
      > os: linux
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
            - location: scripts/restart.sh
    Good:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
            - location: scripts/restart.sh
    """
    yield from told(document, "deploy-spec-key")


@rule("CD750", "deploy-spec-location", Severity.WARNING)
def deploy_spec_location(document: Document) -> Iterator[Finding]:
    """The location of a script is a path of the instance.

    Scripts are looked for below the target directory, into which the artifact is unpacked: the action answers `No
    such file or directory` for others.

    Bad:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
      >     - location: /home/ec2-user/restart.sh
    Good:
        version: 0.1
        files:
          - source: /
            destination: /var/www/html
        scripts:
          AfterDeploy:
            - location: scripts/restart.sh
    """
    root = document.root
    for _, script in scripts(root.get("scripts") if isinstance(root, Mapping) else None):
        node = script.get("location")
        text = known(node)
        if (
            node is not None
            and text
            and not is_placeholder(text)
            and text.startswith(("/home/", "/root/", "/tmp/", "~"))
        ):
            yield Finding(
                node.span,
                f"`{text}` is looked for in the artifact, not on the instance.",
                help="Write the path of the script from the root of the artifact.",
            )
