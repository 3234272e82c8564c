"""What may be written at a place of a build project in a template."""

from __future__ import annotations

from ..aws import images
from ..model.codebuild_project import Project
from ..rules.project_keys import PROPERTIES
from ..schema import load_schema
from . import schemas
from .schemas import Offer
from .trees import Spot, marked, taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.delivery import Delivery
    from .workspace import Workspace

#: Keys that hold other keys, or a list; all others hold a single value.
_MAPPINGS = frozenset(
    """
    Artifacts Auth BuildBatchConfig BuildStatusConfig Cache ComputeConfiguration DockerServer Environment Fleet
    GitSubmodulesConfig LogsConfig RegistryCredential Source Triggers VpcConfig
    """.split()
)
_LISTS = frozenset(
    "EnvironmentVariables FileSystemLocations SecondaryArtifacts SecondarySourceVersions SecondarySources Tags".split()
)
#: Source: AWS, template reference of `AWS::CodeBuild::Project`.
_VALUES: dict[tuple[str, ...], str] = {
    ("source", "type"): "CODEPIPELINE GITHUB CODECOMMIT S3 BITBUCKET GITLAB GITHUB_ENTERPRISE NO_SOURCE",
    ("artifacts", "type"): "CODEPIPELINE NO_ARTIFACTS S3",
    ("environment", "privilegedMode"): "true false",
    ("environment", "imagePullCredentialsType"): "CODEBUILD SERVICE_ROLE",
}


def project_offers(workspace: Workspace, uri: str, delivery: Delivery) -> list[Offer]:
    """Offers for the place of the mark, if it stands in a build project."""
    for variants in delivery.projects:
        for project in variants:
            spot = marked(project.node, lambda value: "cdlintmark" in value.lower())
            if spot is not None:
                return _keys(project, spot) if spot.is_key else _values(workspace, uri, spot)
    return []


def _keys(project: Project, spot: Spot) -> list[Offer]:
    where = ".".join(str(step) for step in spot.path[:-1])
    if project.form != "cloudformation" or where not in PROPERTIES:
        return []
    there = taken(spot)
    return [
        Offer(name, "key", "", "", _holds(name))
        for name in PROPERTIES[where].split()
        if name[:1].lower() + name[1:] not in there
    ]


def _holds(name: str) -> str:
    return "mapping" if name in _MAPPINGS else "sequence" if name in _LISTS else "scalar"


def _values(workspace: Workspace, uri: str, spot: Spot) -> list[Offer]:
    path = tuple(step for step in spot.path if isinstance(step, str))
    if path == ("environment", "image"):
        return [Offer(one.name, "value", "", one.base) for one in images.maintained()]
    if path in (("environment", "computeType"), ("environment", "type")):
        schema = load_schema("buildspec")
        name = "computeType" if path[-1] == "computeType" else "environmentType"
        return schemas.values(schemas.at({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}, ()))
    if path[-1:] in (("buildSpec",), ("buildspec",)):
        around = workspace.repository(uri)
        specs = around[0].of_kind("buildspec") if around is not None else []
        return [Offer(one.path, "value", "", "a buildspec of this repository") for one in specs]
    if path == ("environment", "environmentVariables", "type"):
        return [Offer(word, "value") for word in ("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER")]
    return [Offer(word, "value") for word in _VALUES.get(path, "").split()]
