"""The way to AWS: clients of boto3 with its own chain of credentials, and its errors as one clear line each."""

from __future__ import annotations

from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DENIED = frozenset(
    (
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "UnauthorizedOperation",
        "Forbidden",
    )
)
_EXPIRED = frozenset(
    ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "InvalidToken")
)
_UNKNOWN = frozenset(
    (
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    )
)
_ELSEWHERE = frozenset(
    ("301", "307", "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect")
)
_SLOW = frozenset(
    (
        "429",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    )
)
_DAMAGED = frozenset(
    ("BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch")
)
_AWAY = frozenset(("500", "502", "503", "504", "InternalError", "InternalFailure", "ServiceUnavailable"))


class Aws:
    """Where AWS is and who asks; clients are made when they are needed, for importing boto3 takes its time."""

    def __init__(self, region: str | None, profile: str | None, endpoint: str | None) -> None:
        self.region = region
        self.profile = profile
        self.endpoint = endpoint
        self._session: Any = None

    def client(self, service: str) -> Any:
        """A client for `s3` or `codepipeline`.

        Raises:
            PackageError: boto3 is missing, or the profile or the region.
        """
        try:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
        except ImportError:
            raise PackageError(
                "to upload, cdlint needs boto3; install it with: pip install 'cdlint[aws]'"
            ) from None
        from .. import __version__

        settings = Config(
            connect_timeout=15,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 6},
            user_agent_extra=f"cdlint/{__version__}",
        )
        try:
            if self._session is None:
                self._session = boto3.session.Session(profile_name=self.profile, region_name=self.region)
            return self._session.client(service, endpoint_url=self.endpoint, config=settings)
        except (BotoCoreError, ValueError) as error:
            raise told(error, f"the client for {service}") from None

    @property
    def used_region(self) -> str | None:
        """The region that boto3 has found."""
        region = getattr(self._session, "region_name", None)
        return region if isinstance(region, str) else None


def code_of(error: BaseException) -> str:
    """The code of a service's error; empty for others."""
    response = getattr(error, "response", None)
    found = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return str(found)


def failures() -> tuple[type[Exception], ...]:
    """What boto3 raises; for `except`."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    return BotoCoreError, ClientError, HTTPClientError


def told(error: BaseException, doing: str, needs: str = "") -> PackageError:
    """An error of AWS or boto3 as one line. `doing`: what failed; `needs`: the permission, such as `s3:PutObject`."""
    code = code_of(error)
    if code:
        return PackageError(f"{doing}: {_of_service(error, code, needs)}")
    return PackageError(f"{doing}: {_of_library(error)}")


def _of_service(error: BaseException, code: str, needs: str) -> str:
    if code in _DENIED:
        return f"AWS denies it; the role or user needs {needs}" if needs else "AWS denies it"
    if code in _EXPIRED:
        return "the AWS credentials have expired; get new ones and try again"
    if code in _UNKNOWN:
        return "AWS does not accept the credentials; look at the access key, its secret and the profile"
    if code == "RequestTimeTooSkewed":
        return "AWS refuses the request, since this machine's clock is wrong"
    if code in _ELSEWHERE:
        region = _region_in(error)
        return f"the bucket is in another region; use --region {region or 'with its region'}"
    if code in _SLOW:
        return "AWS is asked too often and refuses (after some tries); try again later"
    if code in _DAMAGED:
        return "what arrived is not what was sent (its checksum is another); nothing was stored, try again"
    if code == "NoSuchBucket":
        return "there is no such bucket"
    if code in _AWAY:
        return "AWS has a fault of its own (after some tries); try again later"
    message = " ".join(str(getattr(error, "response", {}).get("Error", {}).get("Message", "")).split())
    return f"{code}: {message[:300]}" if message else f"AWS answers {code}"


def _region_in(error: BaseException) -> str:
    response = getattr(error, "response", {})
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    found = headers.get("x-amz-bucket-region") or response.get("Error", {}).get("Region") or ""
    return str(found)


def _of_library(error: BaseException) -> str:
    name = type(error).__name__
    known = {
        "NoCredentialsError": "there are no AWS credentials: set them in the environment, or name a --profile",
        "PartialCredentialsError": "the AWS credentials are not whole; a key or its secret is missing",
        "CredentialRetrievalError": "the AWS credentials cannot be got from where the profile says",
        "TokenRetrievalError": "the SSO session has expired; run `aws sso login`",
        "SSOTokenLoadError": "there is no SSO session; run `aws sso login`",
        "UnauthorizedSSOTokenError": "the SSO session has expired; run `aws sso login`",
        "ProfileNotFound": "there is no such profile in the AWS configuration",
        "NoRegionError": "no region is known; name one with --region, or set AWS_REGION",
        "InvalidRegionError": "the region is no region",
        "ConfigParseError": "the AWS configuration file cannot be read",
        "EndpointConnectionError": "the address cannot be reached",
        "ConnectTimeoutError": "the address does not answer in time",
        "ReadTimeoutError": "AWS does not answer in time",
        "ConnectionClosedError": "the connection was cut (after some tries)",
        "ConnectionError": "the connection was cut (after some tries)",
        "HTTPClientError": "the connection was cut (after some tries)",
        "SSLError": "the certificate of the address cannot be verified",
        "ProxyConnectionError": "the proxy cannot be reached",
    }
    if name in known:
        return known[name]
    return f"{' '.join(str(error).split())[:300] or name}"
