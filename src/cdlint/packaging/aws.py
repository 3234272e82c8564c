"""The way to AWS: clients of boto3 with its own chain of credentials, and its errors as one clear line each."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from .errors import PackageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
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
#: Of a message that is not ours, so much is shown, in characters.
_SHOWN = 300


class Aws:
    """Where AWS is and who asks; clients are made when they are needed, for importing boto3 takes its time.

    `endpoint` is the address of every service, as with the AWS CLI; without it, boto3 heeds `AWS_ENDPOINT_URL` and
    `AWS_ENDPOINT_URL_S3` and its like.
    """

    def __init__(self, region: str | None, profile: str | None, endpoint: str | None) -> None:
        """Raises PackageError for an endpoint that is no address."""
        if endpoint is not None:
            _refuse_endpoint(endpoint)
        # boto3 itself knows only AWS_DEFAULT_REGION; the other SDKs and CodeBuild's documentation say AWS_REGION.
        self.region = region or os.environ.get("AWS_REGION") or None
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
            retries=_retries(os.environ),
            user_agent_extra=f"cdlint/{__version__}",
        )
        try:
            if self._session is None:
                self._session = boto3.session.Session(profile_name=self.profile, region_name=self.region)
            return self._session.client(service, endpoint_url=self.endpoint, config=settings)
        except (BotoCoreError, ValueError) as error:
            raise told(error, "signing in to AWS") from None

    @property
    def used_region(self) -> str | None:
        """The region that boto3 has found."""
        region = getattr(self._session, "region_name", None)
        return region if isinstance(region, str) else None


def _refuse_endpoint(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not endpoint.isprintable() or not set(endpoint).isdisjoint(" ?#@"):
        # It is not repeated: it may hold a password.
        raise PackageError("--endpoint-url: write http://HOST:PORT or https://HOST, without a user's name")


def _retries(environment: Mapping[str, str]) -> Any:
    """How often a request is repeated; what the user has set stays, which a setting of ours would put aside."""
    settings: dict[str, object] = {}
    if not environment.get("AWS_RETRY_MODE"):
        settings["mode"] = "standard"
    if not environment.get("AWS_MAX_ATTEMPTS"):
        settings["total_max_attempts"] = 7
    return settings


def code_of(error: BaseException) -> str:
    """The code of a service's error; empty for others."""
    response = getattr(error, "response", None)
    found = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return str(found)


def failures() -> tuple[type[Exception], ...]:
    """What boto3 raises; for `except`."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    return BotoCoreError, ClientError, HTTPClientError


def is_slowed(error: BaseException) -> bool:
    """Is it that AWS is asked too often?"""
    return code_of(error) in _SLOW


def may_pass(error: BaseException) -> bool:
    """May it be gone in a while: a fault of the network, or of AWS itself?"""
    from botocore.exceptions import ConnectionError, HTTPClientError

    return code_of(error) in _SLOW | _AWAY or isinstance(error, (ConnectionError, HTTPClientError))


def told(error: BaseException, doing: str, needs: str = "") -> PackageError:
    """An error of AWS or boto3 as one line. `doing`: what failed; `needs`: the permission, such as `s3:PutObject`."""
    code = code_of(error)
    said = _of_service(error, code, needs) if code else _of_library(error)
    return PackageError(" ".join(f"{doing}: {said}".split()))


def _of_service(error: BaseException, code: str, needs: str) -> str:
    if code in _DENIED:
        return _denied(_message(error), needs)
    if code in _EXPIRED:
        return "the AWS credentials have expired; get new ones and try again"
    if code in _UNKNOWN:
        return "AWS does not accept the credentials; look at the access key, its secret and the profile"
    if code in ("RequestTimeTooSkewed", "RequestInTheFuture"):
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
    if code == "407":
        return "the proxy wants a name and a password; write them into HTTPS_PROXY"
    message = _message(error)
    return f"{code}: {message[:_SHOWN]}" if message else f"AWS answers {code}"


def _message(error: BaseException) -> str:
    return " ".join(str(getattr(error, "response", {}).get("Error", {}).get("Message", "")).split())


def _denied(message: str, needs: str) -> str:
    """Some services say who is denied what, and by which policy; S3 does so within one account."""
    if "kms:" in message.lower():
        needs = " and ".join(
            part for part in (needs, "kms:GenerateDataKey and kms:Decrypt on the key") if part
        )
    said = f" ({message[:_SHOWN]})" if "not authorized to perform" in message else ""
    return f"AWS denies it; the role or user needs {needs}{said}" if needs else f"AWS denies it{said}"


def _region_in(error: BaseException) -> str:
    response = getattr(error, "response", {})
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    found = headers.get("x-amz-bucket-region") or response.get("Error", {}).get("Region") or ""
    return str(found)


_KNOWN = {
    "NoCredentialsError": "there are no AWS credentials: set them in the environment, or name a --profile",
    "PartialCredentialsError": "the AWS credentials are not whole; a key or its secret is missing",
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
    "ProxyConnectionError": "the proxy cannot be reached",
}


def _of_library(error: BaseException) -> str:
    name = type(error).__name__
    details: Mapping[str, object] = getattr(error, "kwargs", {})
    place = _host(details.get("endpoint_url"))
    cause = str(details.get("error", ""))
    if name in _KNOWN:
        return _KNOWN[name] + (f": {place}" if place else "")
    if name == "SSLError":
        if "CERTIFICATE" in cause.upper():
            return f"the certificate of {place or 'the address'} cannot be verified; AWS_CA_BUNDLE can name its issuer"
        return f"no TLS comes about with {place or 'the address'}; does it take https?"
    if name == "HTTPClientError":
        # Its text repeats the header, and with it a token.
        if "header value" in cause or "header part" in cause:
            return "the AWS credentials hold something that cannot be sent, such as the end of a line"
        if "CA certificate" in cause:
            return "the file of AWS_CA_BUNDLE is not there"
        return "the connection was cut (after some tries)"
    if name == "CredentialRetrievalError":
        # Not what its source says, which is anybody's.
        return f"the AWS credentials cannot be got from their source ({details.get('provider')})"
    said = " ".join(str(error).split())
    if said.startswith("Invalid endpoint"):
        return "the endpoint that the environment or the profile names is no address"
    return said[:_SHOWN] or name


def _host(url: object) -> str:
    """Host and port, and no more: what comes after them may be signed."""
    return urlsplit(url).netloc.rpartition("@")[2] if isinstance(url, str) else ""
