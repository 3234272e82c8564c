"""CD301–CD309: zip, tar and the like."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits
from cdlint.source import Source

CODES = tuple(f"CD30{number}" for number in range(1, 10))


def spec(*commands: str, end: str = "") -> str:
    """A buildspec with these commands, each a block of its own."""
    items = ""
    for command in commands:
        body = "\n".join("          " + line for line in command.split("\n"))
        items += f"      - |-\n{body}\n"
    return f"version: 0.2\nphases:\n  build:\n    commands:\n{items}{end}"


def found(text: str, severity: str = "") -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec", pedantic=True)
    return [one for one in result.findings if one.code in CODES and severity in ("", one.severity)]


def told(*commands: str) -> list[tuple[str, str, str]]:
    text = spec(*commands)
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text)]


@pytest.mark.parametrize(
    ("commands", "place"),
    [
        (("zip -r . app.zip",), ". app.zip"),
        (("zip -r ./ app.zip",), "./ app.zip"),
        (("zip -r * app.zip",), "* app.zip"),
        (("zip -qr dist/ app.zip",), "dist/ app.zip"),
        (("zip -r dist/* app.zip",), "dist/* app.zip"),
        (("zip -9 -r . app.zip -x '*.git*'",), ". app.zip"),
        (("A=/tmp/app.zip", "zip -r . $A"), ". $A"),
        (('zip -r . "$UNKNOWN"',), '. "$UNKNOWN"'),
        (
            ("A=$(date +%s).zip\nif true; then\n  zip -r $CODEBUILD_SRC_DIR ${A}\nfi",),
            "$CODEBUILD_SRC_DIR ${A}",
        ),
        (("cd x && zip -r . app.zip || exit 1",), ". app.zip"),
    ],
)
def test_zip_swapped(commands: tuple[str, ...], place: str) -> None:
    assert ("CD302", "error", place) in told(*commands)


def test_zip_swapped_bare_folder_is_a_warning() -> None:
    assert told("zip -r dist app.zip") == [("CD302", "warning", "dist app.zip")]
    assert told("mkdir -p bundle", "zip -r bundle app.zip") == [("CD302", "warning", "bundle app.zip")]


@pytest.mark.parametrize(
    "command",
    [
        "zip -r app.zip .",
        'zip -r "$ARCHIVE" .',
        "zip -r $A $B",
        "zip -r ../app.zip *",
        "zip -r ../app.zip .[^.]* *",
        "zip -r /tmp/app.zip . -x dist/ -x other.zip",
        "zip -r bundle part.zip",
        "zip -j app.zip src/*.py",
        "zip -r app . -i '*.py'",
        "zip -q -r dist.zip dist other.zip",
        "(cd dist && zip -r ../app.zip .)",
        "zip --version",
        "zip -@ app.zip < list",
        "find . -name '*.py' | zip app.zip -@",
        "zip -P secret -r app.zip .",
        "echo zip -r . app.zip",
        "zip -r dist app.zip # the archive of before goes into dist.zip",
        "zip -d app.zip 'tests/*'",
        "zip app.zip a.txt dist/*",
    ],
)
def test_zip_in_order(command: str) -> None:
    if "of before" in command:
        assert not found(spec("curl -o app.zip https://example.com/app.zip", command), "error")
        assert "CD302" not in [one.code for one in found(spec("curl -o app.zip https://e.com/", command))]
    else:
        assert [one for one in told(command) if one[0] in ("CD301", "CD302")] == []


@pytest.mark.parametrize(
    ("item", "column"),
    [
        ("- zip -r . app.zip", 16),
        ('- "zip -r . app.zip"', 17),
        ("- 'zip -r . app.zip'", 17),
        ("- >-\n        zip\n        -r . app.zip", 12),
    ],
)
def test_zip_place(item: str, column: int) -> None:
    text = f"version: 0.2\nphases:\n  build:\n    commands:\n      {item}\n"
    (one,) = found(text)
    place = Source("x", text).position(one.span.start)
    assert (place.line, place.column) == (7 if ">-" in item else 5, column)


@pytest.mark.skipif(not shutil.which("zip") or not shutil.which("dash"), reason="runs zip under dash")
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_zip_swapped_is_mended_and_runs(tmp_path: Path, quote: str) -> None:
    line = f"{quote}A=app.zip && zip -qr . $A{quote}"
    text = f"version: 0.2\nphases:\n  build:\n    commands:\n      - {line}\n"
    (one,) = found(text)
    assert one.fix is not None and one.fix.safe
    mended = apply_edits(text, one.fix.edits)
    assert not found(mended)
    import yaml

    script = yaml.safe_load(mended)["phases"]["build"]["commands"][0]
    assert script == 'A=app.zip && zip -qr "$A" .'
    (tmp_path / "file.txt").write_text("x")
    subprocess.run(["dash", "-c", script], cwd=tmp_path, check=True)
    assert (tmp_path / "app.zip").is_file()


def test_zip_fix_is_unsafe_where_the_archive_is_not_known() -> None:
    (one,) = found(spec('zip -r . "$UNKNOWN"'))
    assert one.fix is not None and not one.fix.safe
    (one,) = found(spec("zip -r . a.zip b.txt"))
    assert one.fix is None


def test_zip_variable_of_the_environment() -> None:
    text = spec("zip -r . $ARCHIVE").replace(
        "phases:", "env:\n  variables:\n    ARCHIVE: out.zip\nphases:", 1
    )
    (one,) = found(text)
    assert one.fix is not None and one.fix.safe


@pytest.mark.parametrize(
    ("command", "severity", "place"),
    [
        ("zip app.zip .", "error", "."),
        ("zip app.zip dist/", "warning", "dist/"),
        ("zip -q app.zip README.md dist/", "warning", "dist/"),
        ('zip "$ARCHIVE" src/', "warning", "src/"),
    ],
)
def test_zip_without_recursion(command: str, severity: str, place: str) -> None:
    assert told(command) == [("CD301", severity, place)]


@pytest.mark.parametrize(
    ("command", "severity", "place"),
    [
        ("tar -cfz app.tgz dist", "error", "fz"),
        ("tar -cvfz app.tar.gz .", "error", "fz"),
        ("tar czf . app.tgz", "error", ". app.tgz"),
        ("tar -zcf dist app.tgz", "error", "dist app.tgz"),
        ("tar -czf dist/ app.tar.gz", "error", "dist/ app.tar.gz"),
        ("tar czf app.tgz", "error", "tar"),
        ("tar -czvf app.tar.gz", "error", "tar"),
        ("tar -czf app.tgz dist -C build", "warning", "-C"),
        ("tar -czf /tmp/app.tgz . --exclude=node_modules", "info", "--exclude=node_modules"),
    ],
)
def test_tar_misread(command: str, severity: str, place: str) -> None:
    assert ("CD303", severity, place) in told(command)


@pytest.mark.parametrize(
    "command",
    [
        "tar czf app.tgz dist",
        "tar -czf /tmp/app.tgz .",
        "tar -C dist -czf app.tgz .",
        "tar czf app.tgz -C dist .",
        "tar czf app.tgz -C a x -C b y",
        "tar -czf app.tgz --exclude node_modules dist",
        "tar xzf app.tgz",
        "tar xzf app.tgz -C /usr/local",
        "tar xzvf app.tgz bin/tool -C /usr/local",
        "tar -xf app.tar.gz app && rm app.tar.gz",
        "tar tzf app.tgz",
        "tar -czf app.tgz $FILES",
        "tar -czf app.tgz -T list.txt",
        "tar -cz dist | aws s3 cp - s3://bucket-of-app/app.tgz",
        "tar czf - dist | ssh host tar xzf -",
        "curl -L https://example.com/x.tgz | tar xz",
        "curl -L https://example.com/x.tgz | tar xz -C /usr/local/bin",
        "tar --create --gzip --file app.tgz dist",
        "tar --version",
        "tar -cf - .",
        'tar czf "$OUT" dist',
        "find . -print0 | tar -czf app.tgz --null -T -",
        "tar -cJf app.tar.xz dist/ README.md",
    ],
)
def test_tar_right(command: str) -> None:
    assert [one for one in told(command) if one[0] == "CD303"] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tar -cfz app.tgz dist", "tar -czf app.tgz dist"),
        ("tar -cvfz app.tgz dist", "tar -cvzf app.tgz dist"),
        ("tar czf . /tmp/app.tgz", "tar czf /tmp/app.tgz ."),
    ],
)
def test_tar_fix(before: str, after: str) -> None:
    text = spec(before)
    (one,) = found(text)
    assert one.fix is not None and one.fix.safe
    assert apply_edits(text, one.fix.edits) == spec(after)


def test_top_folder() -> None:
    push = "aws lambda update-function-code --function-name f --zip-file fileb://f.zip"
    assert ("CD305", "warning", "package") in told("pip install -t package .", "zip -r f.zip package", push)
    assert told("zip -r f.zip dist/", push) == [("CD305", "info", "dist/")]
    layer = "aws lambda publish-layer-version --layer-name l --zip-file fileb://f.zip"
    assert told("zip -r f.zip python/", layer) == []
    assert told("zip -r f.zip dist node_modules", push) == []
    assert told("zip -r f.zip dist/") == []
    assert told("zip -rj f.zip dist/", push) == []


def test_archive_inside_artifact() -> None:
    end = "artifacts:\n  files:\n    - out/app.zip\n    - appspec.yml\n"
    assert [one.code for one in found(spec("zip -r out/app.zip src", end=end))] == ["CD306"]
    assert found(spec("make out/app.zip", end=end)) == []


@pytest.mark.parametrize(
    ("commands", "codes"),
    [
        (("A=$(date +%s).zip", "zip -r $A .", "aws s3 cp $A s3://bucket-of-app/a.zip"), ["CD307"]),
        (("zip -r app-$(date +%s).zip .", "aws s3 cp app-$(date +%s).zip s3://bucket-of-app/"), ["CD307"]),
        (("A=$(date +%s).zip", "zip -r $A ."), []),
        (("A=$(date +%s)", "echo $A", "aws s3 cp app.zip s3://bucket-of-app/$A/app.zip"), []),
        (("tar czf app.tgz .",), ["CD304"]),
        (("tar czf app.tgz --exclude=app.tgz .",), []),
        (("tar czf ../app.tgz .",), []),
        (("tar cf app.tar .",), []),
        (("unzip app.zip",), ["CD308"]),
        (("unzip -qo app.zip -d out",), []),
        (("unzip -l app.zip",), []),
        (("gzip -r dist/",), []),
        (("gzip -9 app.tar",), []),
        (("gzip ./",), ["CD309"]),
        (("7z a ./ app.zip",), ["CD309"]),
        (("7z a app.zip ./dist/",), []),
        (("jar cf dist/ app.jar",), ["CD309"]),
        (("jar cf app.jar -C build/ .",), []),
        (("jar cfe app.jar Main -C build/ .",), []),
        (("jar cmf META-INF/ app.jar",), []),
        (("jar xf app.jar META-INF/",), []),
    ],
)
def test_advice(commands: tuple[str, ...], codes: list[str]) -> None:
    assert [one[0] for one in told(*commands)] == codes
