"""CD311–CD319: `aws s3`."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits
from cdlint.source import Source

CODES = tuple(f"CD31{number}" for number in range(1, 10))


def spec(*commands: str) -> str:
    items = "".join(f"      - |-\n          {command}\n" for command in commands)
    return f"version: 0.2\nphases:\n  build:\n    commands:\n{items}"


def found(text: str) -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec", pedantic=True)
    return [one for one in result.findings if one.code in CODES]


def told(*commands: str) -> list[tuple[str, str, str]]:
    text = spec(*commands)
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text)]


@pytest.mark.parametrize(
    ("command", "code", "severity", "place"),
    [
        ("aws s3 cp a.zip s3:/bkt-a/a.zip", "CD311", "error", "s3:/bkt-a/a.zip"),
        ("aws s3 cp a.zip S3://bkt-a/a.zip", "CD311", "error", "S3://bkt-a/a.zip"),
        ("aws s3 cp a.zip s3//bkt-a/a.zip", "CD311", "error", "s3//bkt-a/a.zip"),
        ("aws s3 cp a.zip s3:bkt-a/a.zip", "CD311", "error", "s3:bkt-a/a.zip"),
        ('aws s3 cp a.zip "s3:/$BUCKET/a.zip"', "CD311", "error", '"s3:/$BUCKET/a.zip"'),
        ("aws s3 cp a.zip s3:///bkt-a/a.zip", "CD311", "error", "s3:///bkt-a/a.zip"),
        ("aws s3 sync dist bkt-a", "CD311", "error", "bkt-a"),
        ("aws s3 cp a.zip ./b.zip", "CD311", "error", "./b.zip"),
        ("aws s3 rm bkt-a/a.zip", "CD311", "error", "bkt-a/a.zip"),
        ("aws s3 mb bkt-a", "CD311", "error", "bkt-a"),
        ("aws s3 cp a.zip arn:aws:s3:::bkt-a/a.zip", "CD311", "error", "arn:aws:s3:::bkt-a/a.zip"),
        (
            "aws s3 cp https://bkt-a.s3.amazonaws.com/k .",
            "CD311",
            "error",
            "https://bkt-a.s3.amazonaws.com/k",
        ),
        ("aws s3 cp a.zip s3://my_bucket/", "CD312", "warning", "my_bucket"),
        ("aws s3 cp a.zip s3://MyBucket", "CD312", "warning", "MyBucket"),
        ("aws s3 ls 's3://ab'", "CD312", "warning", "ab"),
        ("aws s3 ls s3://a..b/", "CD312", "warning", "a..b"),
        ("aws s3 ls s3://bucket-/x", "CD312", "warning", "bucket-"),
        ("aws s3 ls s3://192.168.1.1/x", "CD312", "warning", "192.168.1.1"),
        ("aws s3 mb s3://My_Bucket", "CD312", "error", "My_Bucket"),
        ("aws cloudformation package --s3-bucket my_bucket --template t", "CD312", "warning", "my_bucket"),
        ("sam package --s3-bucket My-Bucket", "CD312", "warning", "My-Bucket"),
        ("aws s3 cp dist/ s3://bkt-a/", "CD313", "error", "dist/"),
        ("aws s3 cp . s3://bkt-a/", "CD313", "error", "."),
        ('aws s3 cp "$OUT/" $TARGET', "CD313", "error", '"$OUT/"'),
        ("aws s3 mv ./out/ s3://bkt-a/", "CD313", "error", "./out/"),
        ("aws s3 cp build s3://bkt-a/", "CD313", "warning", "build"),
        ("aws s3 cp s3://bkt-a/conf/ .", "CD313", "warning", "s3://bkt-a/conf/"),
        ("aws s3 cp dist/* s3://bkt-a/", "CD314", "warning", "dist/*"),
        ("aws s3 cp target/*.jar s3://bkt-a/", "CD314", "info", "target/*.jar"),
        ("aws s3 cp 'dist/*' s3://bkt-a/ --recursive", "CD314", "error", "'dist/*'"),
        ("aws s3 cp s3://bkt-a/*.zip .", "CD314", "error", "s3://bkt-a/*.zip"),
        ("aws s3 rm s3://bkt-a/*.zip", "CD314", "warning", "s3://bkt-a/*.zip"),
        ("aws s3 sync index.html s3://bkt-a/", "CD315", "error", "index.html"),
        ("aws s3 cp app.zip s3://bkt-a/ --recursive", "CD315", "error", "app.zip"),
        ("aws s3 sync . s3://bkt-a --delete", "CD316", "warning", "."),
        ("aws s3 sync --delete $CODEBUILD_SRC_DIR $TARGET", "CD316", "warning", "$CODEBUILD_SRC_DIR"),
        ("aws s3 upload a.zip s3://bkt-a/", "CD317", "error", "upload"),
        ("aws s3 snyc dist s3://bkt-a/", "CD317", "error", "snyc"),
        ("aws s3 put-object --bucket b --key k", "CD317", "error", "put-object"),
        ("aws s3 cp s3://bkt-a/k", "CD318", "error", "cp s3://bkt-a/k"),
        ("aws s3 sync --delete", "CD318", "error", "sync"),
        ("aws s3 cp -r dist s3://bkt-a/x", "CD319", "error", "-r"),
        ("aws s3 sync dist s3://bkt-a/ --recursive", "CD319", "error", "--recursive"),
        ("aws s3 sync dist s3://bkt-a/ --dry-run", "CD319", "error", "--dry-run"),
        ("aws s3 cp --delete a.zip s3://bkt-a/", "CD319", "error", "--delete"),
    ],
)
def test_fault(command: str, code: str, severity: str, place: str) -> None:
    assert (code, severity, place) in told(command)


@pytest.mark.parametrize(
    "command",
    [
        "aws s3 cp a.zip s3://bkt-a/a.zip",
        'aws s3 cp a.zip "s3://$BUCKET/$KEY"',
        "aws s3 cp a.zip s3://${BUCKET}_x/$KEY",
        "aws s3 cp a.zip $TARGET",
        "aws s3 cp $SOURCE .",
        "aws s3 cp $A $B --recursive",
        "aws s3 cp - s3://bkt-a/key",
        "aws s3 cp s3://bkt-a/key -",
        "aws s3 cp s3://bkt-a/key .",
        "aws s3 cp s3://bkt-a/ . --recursive",
        "aws s3 cp --recursive s3://bkt-a/conf ./conf",
        "aws s3 cp dist s3://bkt-a/ --recursive",
        "aws s3 --only-show-errors cp dist/ s3://bkt-a/ --recursive",
        "aws --profile x --region eu-west-1 s3 cp a.zip s3://bkt-a/",
        'aws s3 cp . s3://bkt-a/ --recursive --exclude "*" --include "*.html"',
        "aws s3 cp --cache-control='max-age=0, no-cache' index.html s3://bkt-a/",
        "aws s3 cp a.html s3://bkt-a/ --metadata-directive REPLACE --content-type text/html",
        "aws s3 cp a s3://bkt-a/b --grants read=uri=http://acs.amazonaws.com/groups/global/AllUsers",
        "aws s3 cp a.zip s3://arn:aws:s3:us-east-1:111122223333:accesspoint/my-ap/key",
        "aws s3 ls",
        "aws s3 ls bkt-a",
        "aws s3 ls s3://bkt-a/ --recursive --human-readable",
        "aws s3 rm s3://bkt-a/x --recursive",
        "aws s3 rm s3://$BUCKET --recursive",
        "aws s3 rb s3://bkt-a --force",
        "aws s3 presign s3://bkt-a/x --expires-in 60",
        "aws s3 sync public/ s3://bkt-a/ --delete",
        "aws s3 sync s3://bkt-a s3://bkt-b --delete",
        "aws s3 sync . s3://bkt-a",
        "aws s3 sync . s3://bkt-a --delete --exclude '.git/*'",
        "cd public && aws s3 sync . s3://bkt-a --delete",
        "(cd dist; aws s3 sync . s3://bkt-a --delete)",
        "aws s3 sync my.framework.js.d s3://bkt-a/",
        "aws s3 cp build.log s3://bkt-a/",
        "aws s3 cp ./app s3://bkt-a/app",
        "aws s3 cp %%TARGET%% s3://%%BUCKET%%/",
        "aws s3 cp a.zip s3://{{bucket}}/a.zip",
        "aws s3 cp $FILES",
        "aws s3 help",
        "aws s3 cp help",
        "aws s3api put-object --bucket my-bucket --key k --body a.zip",
        "echo aws s3 copy a b",
        "aws s3 $ACTION a s3://bkt-a/",
        "aws s3 website s3://bkt-a --index-document index.html",
        "aws s3 mv s3://bkt-a/a s3://bkt-a/b",
        'aws s3 cp "$f" "s3://$BUCKET/$(basename "$f")"',
        "aws s3 cp app.zip s3://my.dotted.bucket/app.zip --sse aws:kms --sse-kms-key-id $KEY",
        "aws s3 cp s3://bkt-a/my_dir/KEY_1 s3://bkt-b/Dir/",
        "for f in *.zip; do aws s3 cp $f s3://bkt-a/; done",
        "aws s3 sync dist/ s3://bkt-a --size-only --no-progress --follow-symlinks",
    ],
)
def test_silent(command: str) -> None:
    assert told(command) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("aws s3 cp a.zip s3:/bkt-a/a.zip", "aws s3 cp a.zip s3://bkt-a/a.zip"),
        ("aws s3 cp a.zip s3:/$B/a.zip", "aws s3 cp a.zip s3://$B/a.zip"),
        ("aws s3 cp dist/ s3://bkt-a/", "aws s3 cp --recursive dist/ s3://bkt-a/"),
        ("aws s3 cp -r dist/ s3://bkt-a/", "aws s3 cp --recursive dist/ s3://bkt-a/"),
        ("aws s3 sync dist s3://bkt-a/ --recursive", "aws s3 sync dist s3://bkt-a/"),
        ("aws s3 copy a.zip s3://bkt-a/", "aws s3 cp a.zip s3://bkt-a/"),
    ],
)
def test_safe_fix(before: str, after: str) -> None:
    text = spec(before)
    (one,) = found(text)
    assert one.fix is not None and one.fix.safe
    assert apply_edits(text, one.fix.edits) == spec(after)


def test_place_in_a_folded_command() -> None:
    text = (
        "version: 0.2\nphases:\n  post_build:\n    commands:\n      - >-\n"
        "        aws s3 cp\n        dist/\n        s3://site-of-app/\n"
    )
    (one,) = found(text)
    place = Source("x", text).position(one.span.start)
    assert (one.code, place.line, place.column) == ("CD313", 7, 9)


def test_another_folder_was_entered_in_an_earlier_item() -> None:
    assert told("cd dist", "aws s3 sync . s3://bkt-a --delete") == []
    assert told("mkdir release", "aws s3 cp release s3://bkt-a/") == [("CD313", "warning", "release")]
