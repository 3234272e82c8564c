"""The arguments of the Terraform resources that make pipelines and build projects.

Source: the AWS provider's documentation of `aws_codepipeline` and `aws_codebuild_project`.
"""

from __future__ import annotations


class Block:
    """A block: the arguments and blocks that it takes, and those that it must have."""

    __slots__ = ("arguments", "blocks", "lists", "required")

    def __init__(
        self,
        required: str = "",
        optional: str = "",
        lists: str = "",
        **blocks: Block,
    ) -> None:
        """`required` may name blocks too; `lists` are the arguments that take a list of texts."""
        self.required = tuple(required.split())
        self.lists = frozenset(lists.split())
        self.blocks = blocks
        self.arguments = frozenset((*self.required, *optional.split(), *self.lists)) - frozenset(blocks)


_GLOBS = Block(lists="includes excludes")
_RULE = Block(
    "name rule_type_id",
    "region role_arn timeout_in_minutes configuration",
    "commands input_artifacts",
    rule_type_id=Block("category provider", "owner version"),
)
_CONDITION = Block("rule", "result", rule=_RULE)
_ACTION = Block(
    "category name owner provider version",
    "configuration namespace region role_arn run_order timeout_in_minutes",
    "commands input_artifacts output_artifacts output_variables",
    environment_variable=Block("name value", "type"),
)
_PIPELINE = Block(
    "name role_arn artifact_store stage",
    "execution_mode pipeline_type",
    artifact_store=Block("location type", "region", encryption_key=Block("id type")),
    stage=Block(
        "name action",
        action=_ACTION,
        before_entry=Block("condition", condition=_CONDITION),
        on_success=Block("condition", condition=_CONDITION),
        on_failure=Block("", "result", condition=_CONDITION, retry_configuration=Block("", "retry_mode")),
    ),
    trigger=Block(
        "provider_type git_configuration",
        git_configuration=Block(
            "source_action_name",
            push=Block(branches=_GLOBS, file_paths=_GLOBS, tags=_GLOBS),
            pull_request=Block(lists="events", branches=_GLOBS, file_paths=_GLOBS),
        ),
    ),
    variable=Block("name", "default_value description"),
)
_SOURCE = Block(
    "type",
    "buildspec git_clone_depth insecure_ssl location report_build_status",
    auth=Block("type", "resource"),
    build_status_config=Block("", "context target_url"),
    git_submodules_config=Block("fetch_submodules"),
)
_PROJECT = Block(
    "name service_role artifacts environment source",
    "auto_retry_limit badge_enabled build_timeout concurrent_build_limit description encryption_key project_visibility "
    "queued_timeout resource_access_role source_version",
    artifacts=Block(
        "type",
        "artifact_identifier bucket_owner_access encryption_disabled location name namespace_type "
        "override_artifact_name packaging path",
    ),
    build_batch_config=Block(
        "service_role",
        "combine_artifacts timeout_in_mins",
        restrictions=Block("", "maximum_builds_allowed", "compute_types_allowed"),
    ),
    cache=Block("", "type location cache_namespace", "modes"),
    environment=Block(
        "compute_type image type",
        "certificate image_pull_credentials_type privileged_mode",
        docker_server=Block("compute_type", "", "security_group_ids"),
        environment_variable=Block("name value", "type"),
        fleet=Block("", "fleet_arn"),
        registry_credential=Block("credential credential_provider"),
    ),
    file_system_locations=Block("", "identifier location mount_options mount_point type"),
    logs_config=Block(
        cloudwatch_logs=Block("", "group_name status stream_name"),
        s3_logs=Block("", "bucket_owner_access encryption_disabled location status"),
    ),
    secondary_artifacts=Block(
        "artifact_identifier type",
        "bucket_owner_access encryption_disabled location name namespace_type override_artifact_name packaging path",
    ),
    secondary_sources=Block(
        "source_identifier type",
        "buildspec git_clone_depth insecure_ssl location report_build_status",
        auth=Block("type", "resource"),
        build_status_config=Block("", "context target_url"),
        git_submodules_config=Block("fetch_submodules"),
    ),
    secondary_source_version=Block("source_identifier source_version"),
    source=_SOURCE,
    vpc_config=Block("vpc_id", "", "security_group_ids subnets"),
)
RESOURCES = {"aws_codepipeline": _PIPELINE, "aws_codebuild_project": _PROJECT}
#: What every resource takes.
META = frozenset(("count", "depends_on", "for_each", "id", "provider", "region", "tags", "tags_all"))
META_BLOCKS = frozenset(("connection", "lifecycle", "provisioner", "timeouts"))
