"""CD548: when a `DeploymentWindow` rule lets a stage run."""

from __future__ import annotations

from ..findings import Finding, Severity
from ..model.references import GATES, gate_rules, is_stand_in
from ..model.values import known
from ..syntax.tree import Mapping, Node
from . import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..findings import SeverityName
    from ..model.pipeline import Pipeline

_MONTHS = tuple("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())
_DAYS = tuple("SUN MON TUE WED THU FRI SAT".split())
#: Name, least and greatest number, words, further characters of each field.
_FIELDS = (
    ("minutes", 0, 59, (), ""),
    ("hours", 0, 23, (), ""),
    ("day of month", 1, 31, (), "?LW"),
    ("month", 1, 12, _MONTHS, ""),
    ("day of week", 1, 7, _DAYS, "?L#"),
    ("year", 1970, 2199, (), ""),
)
_EXAMPLE = "`0 * 9-17 ? * MON-FRI *` (seconds, minutes, hours, day of month, month, day of week, year)"


@rule("CD548", "deployment-window", Severity.ERROR)
def deployment_window(pipeline: Pipeline) -> Iterator[Finding]:
    """The `Cron` of a `DeploymentWindow` rule is not of the form that it takes.

    It is a Quartz expression: seconds first (`0` or `*`), six fields and perhaps a year, and `?` for the one of day
    of month and day of week that does not matter. Five fields are Unix's, `cron(…)` is EventBridge's. `TimeZone` is
    `Europe/Berlin`, `UTC+02:00` or an abbreviation. Source: AWS, DeploymentWindow rule.

    Bad:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
            beforeEntry:
              conditions:
                - result: FAIL
                  rules:
                    - name: Hours
                      ruleTypeId: {category: Rule, owner: AWS, provider: DeploymentWindow, version: '1'}
      >               configuration: {Cron: '* 9-17 * * 1-5'}
    Good:
        name: shop
        roleArn: arn:aws:iam::111122223333:role/pipeline
        artifactStore: {type: S3, location: shop-artifacts}
        pipelineType: V2
        stages:
          - name: Source
            actions:
              - name: Source
                actionTypeId: {category: Source, owner: AWS, provider: S3, version: '1'}
                configuration: {S3Bucket: shop, S3ObjectKey: src.zip, PollForSourceChanges: 'false'}
                outputArtifacts: [{name: src}]
          - name: Ship
            actions:
              - name: Ship
                actionTypeId: {category: Deploy, owner: AWS, provider: CodeDeploy, version: '1'}
                configuration: {ApplicationName: shop, DeploymentGroupName: web}
                inputArtifacts: [{name: src}]
            beforeEntry:
              conditions:
                - result: FAIL
                  rules:
                    - name: Hours
                      ruleTypeId: {category: Rule, owner: AWS, provider: DeploymentWindow, version: '1'}
                      configuration: {Cron: '0 * 9-17 ? * MON-FRI *'}
    """
    for stage in pipeline.stages:
        for gate in GATES:
            for one in gate_rules(stage, gate):
                kind, config = one.get("ruleTypeId"), one.get("configuration")
                if not isinstance(kind, Mapping) or known(kind.get("provider")) != "DeploymentWindow":
                    continue
                if isinstance(config, Mapping):
                    yield from _cron(config.get("Cron"))
                    yield from _zone(config.get("TimeZone"))


def _cron(node: Node | None) -> Iterator[Finding]:
    text = known(node)
    if node is None or text is None or "#{" in text or is_stand_in(text):
        return
    found = _cron_fault(text.strip())
    if found is not None:
        message, severity = found
        yield Finding(node.span, message, help=f"Write it like {_EXAMPLE}.", severity=severity)


def _cron_fault(text: str) -> tuple[str, SeverityName | None] | None:
    if text.startswith(("cron(", "rate(")):
        return "`Cron` is the bare expression: `cron(…)` and `rate(…)` are EventBridge's.", None
    fields = text.split()
    if len(fields) not in (6, 7):
        return (
            f"`Cron` has 6 fields, or 7 with a year, and the first are the seconds; this has {len(fields)}.",
            None,
        )
    seconds, rest = fields[0], fields[1:]
    if seconds not in ("0", "*", "00"):
        return f"The first field of `Cron` is the seconds, `0` or `*`, not `{seconds}`.", None
    for value, (name, least, most, words, more) in zip(rest, _FIELDS, strict=False):
        if not _fits(value, least, most, words, more):
            return (
                f"`{value}` is no {name}: the fields are seconds, minutes, hours, days, months, weekdays.",
                None,
            )
    days = (rest[2], rest[4])
    if days == ("?", "?"):
        return "`?` may stand for the day of month or for the day of week, not for both.", None
    if "?" not in days:
        both = "*" not in days
        return (
            "Day of month and day of week cannot both be given: `?` stands for the one that does not matter.",
            None if both else Severity.WARNING,
        )
    return None


def _fits(value: str, least: int, most: int, words: tuple[str, ...], more: str) -> bool:
    for part in value.upper().split(","):
        span, slash, step = part.partition("/")
        if slash and not step.isdigit():
            return False
        for end in span.split("-") if span not in ("*", "?") else ():
            if end in words or (end.isdigit() and least <= int(end) <= most):
                continue
            if not (more and any(char in end for char in more)):
                return False
        if span == "?" and "?" not in more:
            return False
    return True


def _zone(node: Node | None) -> Iterator[Finding]:
    text = known(node)
    if node is None or not text or "#{" in text or is_stand_in(text):
        return
    if "/" in text or (text.isalpha() and 3 <= len(text) <= 5):
        return
    hours = text[4:].split(":")
    if (
        text[:4] in ("UTC+", "UTC-")
        and len(hours) == 2
        and all(len(one) == 2 and one.isdigit() for one in hours)
    ):
        return
    yield Finding(
        node.span,
        f"`{text}` is no time zone that `DeploymentWindow` takes.",
        help="Write `Europe/Berlin`, `UTC+02:00` or an abbreviation of 3 to 5 letters.",
        severity=Severity.WARNING,
    )
