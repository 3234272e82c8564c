"""All of a run that has to do with AWS: the target, the upload, the execution."""

from __future__ import annotations

from . import target as targets
from .aws import Aws
from .errors import PackageError
from .execution import Follower, Outcome, start
from .metadata import metadata
from .upload import Uploaded, prepare, same, upload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from .settings import Settings
    from .target import Target


class Sender:
    """Sends one zip. `say` gets a line for each step."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        """Raises PackageError for an address that is none; AWS is not asked yet."""
        self.settings = settings
        self.say = say
        self.aws = Aws(settings.region, settings.profile, settings.endpoint)
        self.target: Target | None = targets.parse(settings.to) if settings.to else None
        self.uploaded: Uploaded | None = None
        self._prepared: Future[list[str]] | None = None

    def describe(self) -> str:
        """Where the zip would go; AWS is asked only if it has to be."""
        return self._target().uri

    def _target(self) -> Target:
        settings = self.settings
        if settings.pipeline and (self.target is None or self.target.pipeline is None):
            found = targets.of_pipeline(self.aws.client("codepipeline"), settings.pipeline, settings.action)
            if self.target is not None and (found.bucket, found.key) != (self.target.bucket, self.target.key):
                raise PackageError(
                    f"the pipeline {settings.pipeline} reads {found.uri}, and not {self.target.uri}; "
                    "leave out --to, or write it so"
                )
            self.target = found
        assert self.target is not None
        return self.target

    def begin(self) -> None:
        """Begin to look whether the zip can be sent, while others make it: boto3 alone takes its time to start."""
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(1)
        self._prepared = pool.submit(self._prepare)
        pool.shutdown(wait=False)

    @property
    def has_failed(self) -> bool:
        """Is it known already that it cannot be sent?"""
        begun = self._prepared
        return begun is not None and begun.done() and begun.exception() is not None

    def prepared(self) -> None:
        """Wait for what `begin` has begun. Raises PackageError if the zip cannot be sent."""
        if self._prepared is None:
            self.begin()
        assert self._prepared is not None
        for note in self._prepared.result():
            self.say(f"note: {note}")

    def _prepare(self) -> list[str]:
        target = self._target()
        if self.settings.start and not target.is_v2:
            raise PackageError(
                f"the pipeline {target.pipeline} is of type V1, which cannot be started with a version of its source; "
                "leave out --start: an event rule, or its polling, starts it"
            )
        return prepare(self.aws.client("s3"), target, self.aws.used_region)

    def upload(
        self, path: str, facts: Mapping[str, object], subject: str, progress: Callable[[int, int], None]
    ) -> dict[str, object]:
        """Upload the zip, unless S3 has the same content; what is to be known of it."""
        target, settings = self._target(), self.settings
        client = self.aws.client("s3")
        content = str(facts["content_digest"])
        done = None if settings.force else same(client, target, content)
        if done is None:
            encryption = {}
            if settings.sse:
                encryption["ServerSideEncryption"] = settings.sse
            if settings.kms_key:
                encryption["SSEKMSKeyId"] = settings.kms_key
            own = metadata(
                subject=subject,
                commit=_text(facts.get("commit")),
                branch=_text(facts.get("branch")),
                digest=str(facts["sha256"]),
                content=content,
                compressor=str(facts["compressor"]),
            )
            done = upload(client, path, target, own, encryption, progress)
            self.say(f"Uploaded to {target.uri}, version {done.version}.")
        else:
            self.say(
                f"{target.uri} has this content already, version {done.version}: not uploaded (--force does)."
            )
        self.uploaded = done
        return {
            "bucket": target.bucket,
            "key": target.key,
            "uri": f"s3://{target.bucket}/{target.key}",
            "version_id": done.version,
            "etag": done.etag,
            "uploaded": not done.is_skipped,
            "parts": done.parts,
        }

    def follow(self) -> dict[str, object]:
        """Start the pipeline if asked for, and wait for it if asked for; what is to be known of it."""
        target, settings = self._target(), self.settings
        assert self.uploaded is not None
        client = self.aws.client("codepipeline")
        follower = Follower(client, target, self.say)
        version = self.uploaded.version
        execution: str | None = None
        if settings.start:
            if target.is_polled and not self.uploaded.is_skipped:
                self.say(
                    f"note: {target.pipeline} polls its source, and will start a second time by itself "
                    '(set PollForSourceChanges to "false")'
                )
            execution = start(client, target, version)
            self.say(f"Started {target.pipeline}: execution {execution}.")
            if not settings.wait:
                return {"pipeline": target.pipeline, "execution_id": execution, "status": "InProgress"}
        began = follower.clock.now()
        if execution is None:
            self.say(f"Waiting for {target.pipeline} to start.")
            execution = follower.find(version, settings.timeout)
        if execution is None:
            outcome = Outcome(
                "NotStarted",
                None,
                f"no execution of {target.pipeline} with the version {version} began within {settings.timeout:g} s; "
                "is there an event rule for the bucket? (--start starts pipelines of type V2)",
            )
        else:
            left = max(1.0, settings.timeout - (follower.clock.now() - began))
            outcome = follower.follow(execution, left)
        self.say(outcome.reason[0].upper() + outcome.reason[1:] + ".")
        return {
            "pipeline": target.pipeline,
            "execution_id": outcome.execution,
            "status": outcome.status,
            "status_reason": outcome.reason,
        }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
