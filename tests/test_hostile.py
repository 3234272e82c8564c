"""Any bytes in, a finding or nothing out: never a traceback, always an end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.engine import check_bytes, check_text
from cdlint.findings import FileResult, apply_edits


def codes(data: bytes) -> list[str]:
    result = check_bytes(data, "buildspec.yml", kind="buildspec")
    assert result is not None
    check_result(result)
    return [finding.code for finding in result.findings]


def check_result(result: FileResult) -> None:
    text = result.source.text
    for finding in result.findings:
        assert finding.code != "CD000", finding
        assert 0 <= finding.span.start <= finding.span.end <= len(text), finding
        assert finding.message and finding.name
        if finding.fix is not None:
            apply_edits(text, finding.fix.edits)


GOOD = b"version: 0.2\nphases:\n  build:\n    commands:\n      - make\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[" * 100_000, "CD032"),
        (b"{" * 100_000, "CD032"),
        (b"- " * 100_000, "CD032"),
        (b'{"a":' * 100_000, "CD032"),
        (b"a: " + b"x" * 6_000_000, "CD032"),
        (b"a: &a [x,x]\n" + b"".join(b"b%d: &b%d [%s]\n" % (n, n, b",".join([b"*b%d" % (n - 1)] * 9) if n
         else b"*a,*a") for n in range(12)), "CD032"),
        (GOOD + b"\xff\xfe", "CD002"),
        (b"\xff\xfe" + GOOD.decode().encode("utf-16-le"), "CD002"),
        (b"\xfe\xff" + GOOD.decode().encode("utf-16-be"), "CD002"),
        (GOOD[:20] + b"\x00" + GOOD[20:], "CD003"),
        (b"\x00" * 1000, "CD003"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20, "CD003"),
        (b"", "CD118"),
        (b"\n\n# nothing\n", "CD118"),
        (b"\xef\xbb\xbf", "CD118"),
        (b"just text\n", "CD118"),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else value,
)  # fmt: skip
def test_hostile_bytes_get_a_finding(data: bytes, expected: str) -> None:
    assert expected in codes(data)


@pytest.mark.parametrize(
    "data", [GOOD, b"\xef\xbb\xbf" + GOOD, GOOD.replace(b"\n", b"\r\n"), GOOD.replace(b"\n", b"\r")]
)
def test_line_ends_and_byte_order_mark_are_no_fault(data: bytes) -> None:
    result = check_bytes(data, "buildspec.yml", kind="buildspec", pedantic=False)
    assert result is not None
    assert [finding for finding in result.findings if finding.severity == "error"] == []


def test_many_faults_end_in_time() -> None:
    lines = ["version: 0.2", "phases:", "  build:", "    commands:"]
    lines += [f"      - echo a: b: {n}" for n in range(2000)]
    assert "CD006" in codes("\n".join(lines).encode())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes(data: bytes) -> None:
    codes(data)


SHAPES = st.recursive(
    st.sampled_from(["null", "1", "yes", "''", "a", "[]", "{}", "$X", "!Ref x", "*a", "0.2", "build"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.lists(
            st.tuples(
                st.sampled_from(
                    ["version", "phases", "build", "commands", "finally", "env", "variables", "artifacts",
                     "files", "cache", "paths", "key", "reports", "file-format", "batch", "build-list",
                     "build-graph", "identifier", "depend-on", "secondary-artifacts", "runtime-versions",
                     "install", "base-directory", "build-matrix", "dynamic", "static", "image", "on-failure",
                     "secrets-manager", "exported-variables", "fallback-keys", "<<", "discard-paths"]
                ),
                inner,
            ),
            max_size=4,
        ).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"),
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(SHAPES)
def test_any_shape_of_a_buildspec(text: str) -> None:
    check_result(check_text(text + "\n", kind="buildspec"))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD)), st.text(max_size=6), st.integers(0, 6))
def test_damaged_buildspecs(at: int, put: str, cut: int) -> None:
    text = GOOD.decode()
    check_result(check_text(text[:at] + put + text[at + cut :], kind="buildspec"))
