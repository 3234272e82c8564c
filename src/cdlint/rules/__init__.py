"""The rules: what cdlint knows to be wrong, one function each.

A rule is declared with `@rule(code, name, severity)`. The annotation of its only parameter says
what it reads: `Document` (any text), `Buildspec`, `Pipeline`, `Project` or `Template`. It yields
findings; the engine stamps them with the rule's code and name, and with its severity where the
finding has none of its own.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ..findings import SeverityName
    from ..syntax.document import Document

    #: Yields findings; a rule about several files `(member, finding, other member that takes part)`.
    Check = Callable[[Any], Iterable[Any]]


class Rule:
    """A declared rule. `reads` is the name of the parameter's type, `module` the module it stands in."""

    __slots__ = ("check", "code", "module", "name", "reads", "severity")

    def __init__(self, code: str, name: str, severity: SeverityName, check: Check) -> None:
        self.code = code
        self.name = name
        self.severity: SeverityName = severity
        self.check = check
        self.module = check.__module__.rpartition(".")[2]
        annotations = [kind for key, kind in check.__annotations__.items() if key != "return"]
        kind = annotations[0]
        self.reads = kind if isinstance(kind, str) else kind.__name__

    @property
    def doc(self) -> str:
        """The rule's documentation, as written in its docstring."""
        return self.check.__doc__ or ""

    def __repr__(self) -> str:
        return f"Rule({self.code}, {self.name})"


#: Every rule of the modules imported so far, by code.
RULES: dict[str, Rule] = {}

_OF_MODULE: dict[tuple[str, bool], list[Rule]] = {}

#: The modules whose rules read a `Pipeline`, in whatever form, and those that read a build `Project`.
PIPELINE = (
    "pipeline_shape",
    "pipeline_values",
    "pipeline_structure",
    "artifact_flow",
    "artifact_counts",
    "pipeline_variables",
    "variable_places",
    "pipeline_namespaces",
    "misplaced_references",
    "pipeline_triggers",
    "pipeline_conditions",
    "condition_rules",
    "deployment_windows",
    "pipeline_types",
    "pipeline_regions",
    "action_types",
    "action_keys",
    "action_values",
    "action_json",
    "action_forms",
    "action_variables",
    "action_ties",
    "action_stacks",
    "action_needs",
    "action_artifacts",
    "action_sources",
    "action_secrets",
)
PROJECT = (
    "build_projects",
    "project_keys",
    "project_environments",
    "project_variables",
    "project_buildspecs",
    "project_substitutions",
    "project_references",
)

#: The modules of this package whose rules read each kind of document. `Document` rules are run on all.
MODULES = {
    "document": ("yaml_syntax", "documents"),
    "buildspec": (
        "typography",
        "look_alikes",
        "line_ends",
        "structure",
        "shapes",
        "phases",
        "env",
        "env_values",
        "exports",
        "settings",
        "runtimes",
        "build_images",
        "artifacts",
        "artifact_files",
        "reports",
        "cache",
        "batch",
        "archives",
        "s3_commands",
        "portability",
        "shell_commands",
        "exit_status",
        "control_flow",
        "variables",
        "docker",
        "image_names",
        "image_pushes",
        "ecr_passwords",
        "registries",
        "commands",
        "git_state",
        "secrets",
        "disclosure",
        "untrusted",
        "references_in_buildspecs",
        "written_images",
    ),
    "pipeline": (*PIPELINE, "deploy_json"),
    "template": (*PIPELINE, *PROJECT, "webhooks", "event_rules", "template_names"),
    "terraform": (*PIPELINE, *PROJECT, "terraform_forms", "terraform_arguments"),
    "image-definitions": ("image_definitions", "deploy_json", "deploy_text"),
    "image-detail": ("image_detail", "deploy_json", "deploy_text"),
    "task-definition": ("task_definition", "deploy_json"),
    "appspec": (
        "appspec",
        "appspec_paths",
        "appspec_hooks",
        "appspec_resources",
        "deploy_json",
        "deploy_text",
    ),
    "deploy-spec": ("deploy_spec", "deploy_text"),
    "template-configuration": ("template_configuration", "deploy_json"),
    # Rules about several files; they yield `(member, finding, other member)`.
    "repository": (
        "joined_files",
        "joined_inputs",
        "joined_builds",
        "joined_deploys",
        "joined_appspec",
        "joined_templates",
        "joined_sources",
    ),
    # Found while suppression comments are applied; loaded only to be listed and explained.
    "comments": ("suppressions",),
}


#: Modules all of whose rules read one top-level section, and say nothing where it is missing.
SECTIONS = {
    "artifacts": "artifacts",
    "batch": "batch",
    "cache": "cache",
    "reports": "reports",
}

#: Modules all of whose rules say nothing about a text that has none of some words.
_PROJECTS = ("CodeBuild::Project", "codebuild_project")
NEEDS = {
    "written_images": ("mageUri", "mageURI", "magedefinitions", "mageDetail"),
    "build_projects": _PROJECTS,
    "project_keys": _PROJECTS,
    "project_environments": _PROJECTS,
    "project_variables": _PROJECTS,
    "project_buildspecs": _PROJECTS,
    "project_substitutions": ("${",),
    "env": ("env",),
    "exports": ("exported-variables",),
    "settings": ("shell", "on-failure", "secrets-manager", "parameter-store"),
    "runtimes": ("runtime", "Runtime"),
    "build_images": ("runtime", "Runtime", "image"),
    "artifact_files": ("artifacts", "reports", "cache"),
    "archives": ("zip", "tar", "7z", "jar"),
    "s3_commands": ("s3", "S3"),
    "docker": ("docker", "podman"),
    "image_names": ("docker", "podman", "image", "CODEBUILD_SOURCE_VERSION"),
    "image_pushes": ("docker", "podman", "image"),
    "registries": ("docker", "podman"),
    "ecr_passwords": ("ecr",),
    "references_in_buildspecs": ("#{",),
    "git_state": ("git", "CODEBUILD_", "./", "semantic-release"),
    "untrusted": (
        "curl",
        "wget",
        "ssl",
        "SSL",
        "TLS",
        "HTTPS",
        "insecure",
        "erify",
        "trusted",
        "certificate",
        "nauthenticated",
        "WEBHOOK",
        "SOURCE_VERSION",
        "git ",
    ),
}

#: Modules all of whose rules tell of repairs.
OF_REPAIRS = frozenset(("yaml_syntax", "phases"))

#: Modules all of whose rules look for characters outside of ASCII (or, in texts, for entities).
OF_CHARACTERS = frozenset(("typography", "look_alikes"))


#: Rules of level info whose findings are graver in some cases. All other rules of that level are advice only,
#: and are not even run where advice is not shown.
GRAVER = frozenset(("CD026", "CD237", "CD305", "CD342", "CD378", "CD387", "CD765"))


def is_idle(module: str, document: Document, image: str | None = None) -> bool:
    """Nothing in a document concerns the rules of a module, so that it need not even be imported."""
    if module == "build_images" and image:
        return False
    if module == "documents":
        return not (document.repairs or document.duplicates or document.undefined or document.documents)
    needs = NEEDS.get(module)
    if needs is not None:
        text = document.text
        return all(word not in text for word in needs)
    if module in OF_REPAIRS:
        return not document.repairs
    section = SECTIONS.get(module)
    if section is not None:
        root = document.root
        return getattr(root, "pairs", None) is None or section not in root  # type: ignore[operator]
    if module in OF_CHARACTERS:
        if not document.text.isascii() or document.draft.touched:
            return False
        return module == "look_alikes" or "&" not in document.text
    return False


def rule(code: str, name: str, severity: SeverityName) -> Callable[[Check], Check]:
    """Declare a rule. Codes and names are unique and are for ever."""

    def declare(check: Check) -> Check:
        if code in RULES:
            raise ValueError(f"two rules have the code {code}")
        RULES[code] = Rule(code, name, severity, check)
        return check

    return declare


def load(*kinds: str) -> dict[str, Rule]:
    """Import the rules for some kinds of document (all kinds if none is named)."""
    for kind in kinds or tuple(MODULES):
        for module in MODULES[kind]:
            __import__(f"{__name__}.{module}")
    return RULES


def of_module(module: str, advice: bool = True) -> list[Rule]:
    """The rules of one module, imported if need be; without `advice` only those that may say more than that."""
    found = _OF_MODULE.get((module, advice))
    if found is None:
        __import__(f"{__name__}.{module}")
        own = [one for one in RULES.values() if one.module == module]
        if not advice:
            own = [one for one in own if one.severity != "info" or one.code in GRAVER]
        found = _OF_MODULE[module, advice] = own
    return found


def is_shellcheck(word: str) -> bool:
    """A code of shellcheck's (`SC2086`), the beginning of one, or its name for all of them."""
    return word.lower() == "shellcheck" or (
        word[:2].upper() == "SC" and (len(word) == 2 or word[2:].isdigit())
    )


def find(word: str) -> Rule | None:
    """The rule with this code or name, whatever its case."""
    rules = load()
    found = rules.get(word.upper())
    if found:
        return found
    lower = word.lower()
    for candidate in rules.values():
        if candidate.name == lower:
            return candidate
    return None
