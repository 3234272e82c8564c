"""No report shows a credential, whichever rule speaks on its line."""

from __future__ import annotations

import io

import pytest

from cdlint.engine import check_text
from cdlint.report import ReportOptions, write

TOKEN = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
PASSWORD = "Tr0ub4dor-and-3x"
SPEC = f"""\
version: 0.2
env:
  variables:
    DB_PASSWORD: {PASSWORD}
    API: "{TOKEN} $X"
    AWS_SECRET_ACCESS_KEY: abcdEFGHijkl0123456789mnopQRSTuvwx+/4567
phases:
  build:
    commands:
      - git clone https://bob:s3cr3tpw9@github.com/x/y
      - "curl" -u bob:s3cr3tpw8 https://x.io
      - echo {TOKEN} # cdlint: ignore[CD401]
"""


@pytest.mark.parametrize("form", ["full", "concise", "json", "jsonl", "github", "sarif", "junit", "gitlab"])
def test_no_report_shows_a_credential(form: str) -> None:
    result = check_text(SPEC, pedantic=True)
    out = io.StringIO()
    write(form, [result], out, ReportOptions())
    told = out.getvalue()
    assert "CD401" in told and "CD402" in told and "CD404" in told
    for secret in (TOKEN, PASSWORD, "s3cr3tpw", "abcdEFGHijkl0123456789"):
        assert secret not in told


def test_what_is_shown_keeps_its_length_and_its_lines() -> None:
    result = check_text(SPEC, pedantic=True)
    assert len(result.shown.text) == len(SPEC)
    assert result.shown.text.count("\n") == SPEC.count("\n")
    assert result.source.text == SPEC
    assert "ghp_" + "*" * 36 in result.shown.text
