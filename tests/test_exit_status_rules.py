"""CD335–CD344: exit statuses that are lost, and what only looks like it."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import FileResult
from cdlint.fixing import fix_text


def one_item(script: str) -> str:
    """A buildspec of one item, a block."""
    lines = "".join(f"          {line}\n" if line else "\n" for line in script.strip("\n").split("\n"))
    return f"version: 0.2\nphases:\n  build:\n    commands:\n      - |\n{lines}"


def items(*commands: str) -> str:
    """A buildspec of several items, each on a line of its own."""
    lines = "".join(f"      - {command}\n" for command in commands)
    return f"version: 0.2\nphases:\n  build:\n    commands:\n{lines}"


def check(text: str) -> FileResult:
    return check_text(text, path="buildspec.yml", pedantic=True)


def told(text: str, code: str) -> list[tuple[str, str]]:
    """`(line:column, severity)` of the findings of one code."""
    result = check(text)
    return [
        (str(result.source.position(found.span.start)), found.severity)
        for found in result.findings
        if found.code == code
    ]


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("npm test\necho done", "6:11"),
        ("cd app\nmvn verify\ncd ..", "7:11"),
        ("docker build -t app .\ndocker push app", "6:11"),
        ('if [ "$A" = 1 ]; then\n  zip -r a.zip .\n  aws s3 cp a.zip s3://b/a.zip\nfi', "7:13"),
        ("for d in a b; do\n  terraform plan\ndone", "7:13"),
        ("set +x\npytest\nls", "7:11"),
        ("sudo -E make build\necho x", "6:11"),
        ("npm run build && npm test\necho built", "6:11"),
        ("case $A in\n  a) make a\n     make deploy ;;\nesac\nls", "7:16"),
        ("./gradlew test\nset -e\necho x", "6:11"),
        ("(set -e; make a)\nmake b\nls", "7:11"),
        ("make build || (echo no; exit 1)\nmake deploy\necho x", "7:11"),
        ("pip install -r requirements.txt\necho installed", "6:11"),
        ("cd build\nrm -rf *", "6:11"),
        ("aws cloudformation deploy \\\n  --stack-name a \\\n  --template-file a.yml\necho deployed", "6:11"),
        ("cat a | kubectl apply -f -\nkubectl get pods", "6:19"),
    ],
)
def test_status_is_lost_in_a_block(script: str, place: str) -> None:
    assert told(one_item(script), "CD335") == [(place, "warning")]


@pytest.mark.parametrize(
    "script",
    [
        "set -e\nnpm test\necho done",
        "set -euo pipefail\nnpm test\necho done",
        "set -o errexit\nnpm test\necho done",
        "set -ex\ncd app\nnpm test\necho done",
        "#!/bin/bash -e\nnpm test\necho done",
        "bash -e <<'EOF'\nnpm test\nnpm run build\nEOF\necho done",
        "trap 'exit 1' ERR\nnpm test\necho done",
        "npm test || exit 1\necho done",
        "npm test || { echo failed; exit 1; }\necho done",
        "if ! npm test; then\n  exit 1\nfi\necho done",
        "if npm test; then\n  echo good\nelse\n  exit 1\nfi",
        "npm test\nSTATUS=$?\necho done\nexit $STATUS",
        "npm test\nif [ $? -ne 0 ]; then exit 1; fi\necho done",
        "npm test; rc=$?\necho done\nexit $rc",
        "npm ci &&\nnpm test &&\nnpm run build",
        "npm test \\\n  --silent \\\n  --coverage",
        "echo building\ncd app\nexport A=1\nB=2\nmkdir -p out\nnpm run build",
        'if [ "$A" = 1 ]; then\n  npm run build\nelse\n  npm test\nfi',
        "for d in a b; do\n  npm test || exit 1\ndone",
        "for i in 1 2 3; do\n  docker build . && break\n  sleep 5\ndone\necho done",
        "while ! curl -f localhost; do\n  sleep 1\ndone\nnpm test",
        "while true; do\n  aws ecs wait services-stable && break\ndone\necho x",
        "deploy() {\n  npm run build\n  npm run deploy\n}\ndeploy",
        "cat <<EOF > run.sh\nnpm test\nnpm run build\nEOF\nchmod +x run.sh",
        "# the tests may fail on this branch\nnpm test\necho done",
        "npm test # best effort\necho done",
        "(\n  set -e\n  npm test\n  npm run build\n)",
        "docker run -d redis\nnpm test",
        "docker stop app\ndocker rm app\nkubectl delete pod a\necho clean",
        "aws ecr describe-repositories\naws sts get-caller-identity\necho x",
        "make build\nif [ ! -f out.jar ]; then\n  echo none\n  exit 1\nfi\necho built",
        "make build\n[ -f out.jar ] || exit 1\necho built",
        "docker --version\nterraform version\nnode -v\necho ok",
        "VERSION=$(npm run print-version)\necho $VERSION",
        "case $A in\n  a) make a ;;\n  b) make b ;;\nesac",
        "aws s3 rm s3://b --recursive\naws s3 ls s3://b\necho x",
        "set +e\nnpm test\necho done",
        "npm start &\nnpm test",
        "kubectl create namespace a\nhelm repo add x https://x\nkubectl get ns",
    ],
)
def test_status_is_not_lost(script: str) -> None:
    assert told(one_item(script), "CD335") == []
    assert told(one_item(script), "CD336") == []


def test_an_installation_is_followed_by_its_failure() -> None:
    assert told(one_item("npm ci\nnpm test"), "CD335") == [("6:11", "info")]


def test_finally_is_no_place_for_warnings() -> None:
    text = one_item("npm test\necho x").replace("commands:", "finally:")
    assert {severity for _, severity in told(text, "CD335")} == {"info"}


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ("cd app; npm test; cd ..", "5:17"),
        ("npm run build; ls", "5:9"),
        ('"make test; echo done"', "5:10"),
        ("cd out; rm -rf *", "5:9"),
        ("if true; then make build; make clean; fi", "5:23"),
    ],
)
def test_status_is_lost_at_a_semicolon(item: str, place: str) -> None:
    assert told(items(item), "CD336") == [(place, "warning")]


@pytest.mark.parametrize(
    "item",
    [
        "cd app; npm test",
        "export A=1; npm test",
        "set -e; npm test; cd ..",
        "npm test && cd ..",
        "pwd; ls -al; cat a.json",
        "npm test; exit $?",
        "for d in a b; do npm test || exit 1; done",
        "if [ -f a ]; then npm test; fi",
        "docker rm x; docker run y",
        'echo "make; test; it"',
        "cd out && rm -rf *",
        "cd out; rm -f *.tmp",
    ],
)
def test_semicolon_loses_nothing(item: str) -> None:
    assert told(items(item), "CD336") == []
    assert told(items(item), "CD335") == []


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ("npm test || true", "5:18"),
        ("npm audit || :", "5:19"),
        ("pytest tests || echo failed", "5:22"),
        ("docker build -t a . || exit 0", "5:29"),
        ("cdk deploy || { echo no; true; }", "5:20"),
        ("cd app && npm test || true", "5:28"),
        ("npm test; exit 0", "5:19"),
        ("make check; true", "5:21"),
        ("cat x | terraform apply || true", "5:33"),
    ],
)
def test_failure_is_ignored(item: str, place: str) -> None:
    assert told(items(item), "CD337") == [(place, "warning")]


@pytest.mark.parametrize(
    "item",
    [
        "rm -rf out || true",
        "docker rm -f x || true",
        "docker stop x || true",
        "docker pull app:latest || true",
        "kubectl delete pod a || true",
        "kubectl create namespace a || true",
        "aws ecr create-repository --repository-name a || true",
        "aws ecr describe-repositories || echo none",
        "aws cloudformation delete-stack --stack-name a || true",
        "aws cloudformation update-stack --stack-name a || true",
        "aws s3 rm s3://b/a || true",
        "git diff || true",
        "grep x y || true",
        "mkdir out || true",
        "terraform workspace select a || terraform workspace new a",
        "terraform destroy || true",
        "npm audit || true # for information",
        "npm test || exit 1",
        "npm test || { echo failed; exit 1; }",
        "npm test || (echo failed; exit 1)",
        "npm test || npm test",
        "if npm test || true; then ls; fi",
        "A=$(npm test || true)",
        '"[ -f a ] || echo none"',
        "npm --version || true",
    ],
)
def test_failure_is_not_ignored(item: str) -> None:
    assert told(items(item), "CD337") == []


@pytest.mark.parametrize(
    ("item", "severity"),
    [
        ('cfn-lint a.yml || echo "warnings (non-blocking)"', "info"),
        ("npm run build || echo no build script, skipping", "info"),
        ("pip install -r r.txt || true", "info"),
    ],
)
def test_failure_is_ignored_knowingly(item: str, severity: str) -> None:
    assert [found[1] for found in told(items(item), "CD337")] == [severity]


def test_a_comment_above_explains_it() -> None:
    text = items("npm audit || true").replace(
        "      - ", "      # advisories do not fail the build\n      - "
    )
    assert told(text, "CD337") == []
    text = items("npm audit || true").replace("      - ", "      # audit the packages\n      - ")
    assert told(text, "CD337") == [("6:19", "warning")]


@pytest.mark.parametrize(
    ("item", "place", "severity"),
    [
        ("npm test | tee test.log", "5:9", "warning"),
        ("docker build . 2>&1 | grep -v Step", "5:9", "warning"),
        ("cd app && mvn verify | tail -50", "5:19", "warning"),
        ("curl -fsSL https://x/i.sh | sh", "5:9", "info"),
        ("tar cz . | aws s3 cp - s3://b/a.tgz", "5:9", "warning"),
    ],
)
def test_status_is_lost_in_a_pipe(item: str, place: str, severity: str) -> None:
    assert told(items(item), "CD338") == [(place, severity)]


@pytest.mark.parametrize(
    "item",
    [
        "set -o pipefail; npm test | tee test.log",
        "set -euo pipefail; npm test | tee test.log",
        "npm test | tee log; exit ${PIPESTATUS[0]}",
        "aws ecr get-login-password | docker login --username AWS --password-stdin x",
        "cat a | grep b",
        "kubectl get pods | grep x",
        "helm template . | kubectl apply -f -",
        "docker images | grep app",
        "npm ls | grep react",
        "V=$(mvn help:evaluate | tail -1)",
        "if npm test | grep -q FAIL; then exit 1; fi",
        "npm test | grep FAIL && exit 1",
        "echo y | make install",
        "curl -s https://x | tar xz",
        "npm test > log 2>&1",
        "docker build . || cat log | tail",
    ],
)
def test_status_is_not_lost_in_a_pipe(item: str) -> None:
    assert told(items(item), "CD338") == []


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ("export A=$(aws sts get-caller-identity)", True),
        ("export A=`curl x`", True),
        ("export TAG=$(date +%s)", False),
        ("export TAG=$(echo $X | cut -c1-7)", False),
        ("A=$(aws sts get-caller-identity)", False),
        ("export A=1", False),
        ("export A=$(aws x || exit 1)", False),
    ],
)
def test_status_is_lost_in_export(item: str, found: bool) -> None:
    assert [severity for _, severity in told(items(item), "CD339")] == ["info"] * found


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        (['if [ "$X" = 1 ]; then exit 0; fi', "./deploy.sh"], [("5:31", "warning")]),
        (["exit 0", "make"], [("5:9", "warning")]),
        (["'[ -n \"$A\" ] || exit 0'", "make"], [("5:25", "warning")]),
        (["if [ -z $A ]; then echo nothing; exit; fi", "make"], [("5:42", "warning")]),
        (["if [ -z $A ]; then exit 0; fi; make a", "make"], [("5:28", "info")]),
        (["if [ -z $A ]; then exit 0; else make a; fi", "make"], [("5:28", "info")]),
        # Nothing behind it does anything; a status is told; it has a shell of its own; a mark is left.
        (['if [ "$X" = 1 ]; then exit 0; fi', "echo done"], []),
        (['if [ "$X" = 1 ]; then exit 0; fi'], []),
        (["if make a; then exit 0; else exit 1; fi", "make"], []),
        (["(exit 0)", "make"], []),
        (["exit 1", "make"], []),
        (["make; exit $?", "make"], []),
        (["for i in 1 2; do curl -f x && exit 0; sleep 1; done; exit 1", "make"], []),
        (["if [ -z $A ]; then export SKIP=1; exit 0; fi", "make"], []),
        (["make a || exit 0", "make"], []),
        (["f() { exit 0; }", "make"], []),
    ],
)
def test_exit_ends_the_item_only(commands: list[str], expected: list[tuple[str, str]]) -> None:
    assert told(items(*commands), "CD340") == expected


@pytest.mark.parametrize(
    ("commands", "count"),
    [
        (["set -e", "make"], 1),
        (["set -euo pipefail", "make"], 1),
        (["set -o pipefail", "make"], 1),
        (["set -x", "make"], 0),
        (["set -e; make a; make b", "make"], 0),
        (["make", "set -e"], 0),
        (["set +e", "make"], 0),
    ],
)
def test_options_of_the_shell_are_not_carried(commands: list[str], count: int) -> None:
    assert len(told(items(*commands), "CD341")) == count


def test_set_e_inside_if() -> None:
    alone = 'if [ "$A" -ge 9 ]; then\n  set -e\n  mvn verify\n  mvn deploy\nfi'
    assert told(one_item(alone), "CD342") == [("7:13", "info")]
    assert told(one_item(alone + "\nmake a\nmake b"), "CD342") == [("7:13", "warning")]
    assert told(one_item("set -e\n" + alone), "CD342") == []
    assert told(one_item('if [ "$A" = 9 ]; then\n  set -x\n  mvn verify\nfi'), "CD342") == []


POST = """\
version: 0.2
phases:
  build:
    commands:
      - npm test
  post_build:
    commands:
      - echo pushing
      - docker push "$REPO:1"
      - kubectl apply -f k8s
"""


def test_post_build_after_failure() -> None:
    assert told(POST, "CD343") == [("9:9", "warning")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      - echo pushing\n", '      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1\n'),
        ("      - echo pushing\n", '      - if [ "$CODEBUILD_BUILD_SUCCEEDING" -eq 0 ]; then exit 1; fi\n'),
        ("  build:\n", "  build:\n    on-failure: ABORT\n"),
        ("      - npm test\n", "      - echo building\n"),
        (
            "      - npm test\n",
            "      - npm test\n      - export READY=1\n",
        ),
        ("  build:\n    commands:\n      - npm test\n", ""),
        ("      - echo pushing\n", "      - test -f image.tar\n"),
        ("      - echo pushing\n", "      - '[ -f image.tar ] || exit 1'\n"),
        ('      - docker push "$REPO:1"\n      - kubectl apply -f k8s\n', "      - docker images\n"),
        (
            '      - docker push "$REPO:1"\n      - kubectl apply -f k8s\n',
            "      - aws s3 cp test-report.xml s3://reports/\n",
        ),
        (
            '      - docker push "$REPO:1"\n      - kubectl apply -f k8s\n',
            "      - ./deploy.sh\n      - aws sns publish --message done\n",
        ),
    ],
)
def test_post_build_asks_first(old: str, new: str) -> None:
    assert old in POST
    text = POST.replace(old, new)
    if "READY" in new:
        text = text.replace("echo pushing", 'test "$READY" = 1')
    assert told(text, "CD343") == []


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("make || (echo failed; exit 1)\nls", 1),
        ("make || ( exit 2 )\nls", 1),
        ("make || (echo failed; exit 1)", 0),
        ("set -e\nmake || (echo failed; exit 1)\nls", 0),
        ("make || { echo failed; exit 1; }\nls", 0),
        ("(cd a && exit 1)\nls", 0),
        ("if make || (exit 1); then ls; fi\nls", 0),
        ("make || (echo failed; exit 1)\n[ $? = 0 ] || exit 1\nls", 0),
        ("make || (echo failed; exit 0)\nls", 0),
    ],
)
def test_exit_in_parentheses(script: str, count: int) -> None:
    assert len(told(one_item(script), "CD344")) == count


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (one_item("npm test\necho x"), "- |\n          set -e\n          npm test\n"),
        (one_item("#!/bin/sh\nnpm test\necho x"), "#!/bin/sh\n          set -e\n          npm test\n"),
        (items("cd app; npm test; cd .."), "- cd app; npm test && cd ..\n"),
        (one_item("make || (echo no; exit 1)\nls"), "make || { echo no; exit 1; }\n"),
        (one_item("make || ( echo no; exit 1; )\nls"), "make || { echo no; exit 1; }\n"),
        (items("export A=$(aws x)"), "- A=$(aws x) && export A\n"),
        (
            items("npm test | tee log").replace("phases", "env:\n  shell: bash\nphases"),
            "- set -o pipefail; npm test | tee log\n",
        ),
        (
            one_item("cd app\nnpm test | tee log").replace("phases", "env:\n  shell: bash\nphases"),
            "- |\n          set -o pipefail\n          cd app\n",
        ),
        (POST, '    commands:\n      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1\n      - echo pushing\n'),
    ],
)
def test_fix(text: str, wanted: str) -> None:
    for newline in ("\n", "\r\n"):
        fixed = fix_text(text.replace("\n", newline), pedantic=True, unsafe=True).text
        assert wanted in fixed.replace("\r\n", "\n")
        again = check(fixed.replace("\r\n", "\n"))
        assert not [
            found.code
            for found in again.findings
            if found.code in ("CD335", "CD336", "CD338", "CD339", "CD343", "CD344")
        ]


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 0.2, "phases": {"build": {"commands": ["npm test; cd .."]}}}',
        "version: 0.2\nphases:\n  build:\n    commands: ['npm test; cd ..']\n",
        "version: 0.2\nphases:\n  build:\n    commands:\n      - >-\n        npm test;\n        cd ..\n",
    ],
)
def test_other_styles(text: str) -> None:
    assert [severity for _, severity in told(text, "CD336")] == ["warning"]


def test_powershell_is_another_language() -> None:
    text = "version: 0.2\nenv:\n  shell: powershell.exe\n" + one_item("npm test\necho x").partition("\n")[2]
    assert not [found for found in check(text).findings if found.code.startswith("CD33")]
