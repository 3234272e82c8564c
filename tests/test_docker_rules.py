"""CD367, CD368, CD371–CD379: how docker is called, and the names of images."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits

RULES = {"CD367", "CD368", *(f"CD{number}" for number in range(371, 380))}
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def spec(*items: str, head: str = "") -> str:
    lines = "".join(f"      - |\n        {item}\n".replace("\n\n", "\n") for item in items)
    return f"version: 0.2\n{head}phases:\n  build:\n    commands:\n{lines}"


def found(text: str, image: str | None = None, *, pedantic: bool = False) -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec", image=image, pedantic=pedantic)
    return [one for one in result.findings if one.code in RULES]


def told(
    *items: str, head: str = "", image: str | None = None, pedantic: bool = False
) -> list[tuple[str, str, str]]:
    text = spec(*items, head=head)
    return [
        (one.code, one.severity, text[one.span.start : one.span.end])
        for one in found(text, image, pedantic=pedantic)
        if one.code != "CD378" or one.severity == "error"
    ]


def fixed(text: str, code: str) -> str:
    for one in found(text, pedantic=True):
        if one.code == code and one.fix is not None:
            return apply_edits(text, one.fix.edits)
    raise AssertionError(f"no fix of {code}")


# --- operands


@pytest.mark.parametrize(
    ("command", "severity", "place"),
    [
        ("docker build -t app", "error", "docker build"),
        ("docker build", "error", "docker build"),
        ("docker build -t app -f Dockerfile.prod", "error", "docker build"),
        ("docker build --no-cache --pull -t app:1", "error", "docker build"),
        ("docker build -t $REPO:$TAG", "error", "docker build"),
        ('docker build -t "$IMAGE"', "error", "docker build"),
        ("docker build -t $IMAGE", "warning", "docker build"),
        ("docker build -t x < Dockerfile", "error", "docker build"),
        ("docker image build -t app", "error", "docker image build"),
        (
            "docker buildx build --platform linux/amd64,linux/arm64 --push -t app",
            "error",
            "docker buildx build",
        ),
        ("sudo docker build -t app", "error", "docker build"),
        ("cd app && docker build -t app", "error", "docker build"),
        ("docker build -t app -f .", "error", "."),
        ("docker build -t app . && docker tag app", "error", "docker tag"),
        ("docker build -t app :1 .", "error", " "),
        ("docker tag app:1 reg.example.com/app :1", "error", " "),
        ("docker push reg.example.com/app :1", "error", " "),
        ("docker build -t app . extra", "error", "extra"),
        ("docker build -t app:1 app:2 .", "error", "."),
        ("docker tag a b c", "error", "c"),
        ("docker push", "error", "docker push"),
        ("docker pull node:20 alpine:3", "error", "alpine:3"),
    ],
)
def test_operands(command: str, severity: str, place: str) -> None:
    assert [one for one in told(command) if one[0] == "CD367"] == [("CD367", severity, place)]


@pytest.mark.parametrize(
    "command",
    [
        "docker build .",
        "docker build -t app .",
        "docker build . -t app",
        "docker build -t app:1 -t app:2 -f ci/Dockerfile ci",
        "docker build -tapp .",
        "docker build --tag=app --file=x .",
        "docker build -t app - < Dockerfile",
        "docker build -t app - <<EOF\n        FROM scratch\n        EOF",
        "docker build -t app https://example.com/repo.git#main",
        "docker build $ARGS",
        'docker build "$@"',
        "docker build -t app $ARGS",
        "docker build -t app $(cat args)",
        'docker build "${ARGS[@]}"',
        "docker build --build-arg A=1 --build-arg B --secret id=x,src=y --ssh default -m 2g -c 512 .",
        "docker build -qt app .",
        "docker build -t app --provenance=false --sbom=false --load .",
        "docker build --some-new-option value -t app .",
        "docker --context remote build -t app .",
        "docker -H tcp://127.0.0.1:2375 build -t app .",
        "docker build -t app -- .",
        "docker build --help",
        "docker buildx bake",
        "docker buildx bake --push release",
        "docker buildx create --use",
        "docker buildx imagetools create -t a b c",
        "docker compose build",
        "docker image ls -q",
        "docker tag $A $B",
        "docker tag $PAIR",
        "docker push $NAME",
        "docker push -a reg.example.com/app",
        "docker push --quiet reg.example.com/app:1",
        "docker pull --platform linux/arm64 reg.example.com/app:1",
        "docker push <your-registry>/app:1",
        "echo docker build -t app",
        "cat > help.txt <<EOF\n        docker build -t app\n        EOF",
        "# docker build -t app",
        "xargs -n1 docker push < names.txt",
        "docker build -t {{ name }} .",
    ],
)
def test_operands_that_are_right(command: str) -> None:
    assert [one for one in told(command) if one[0] == "CD367"] == []


def test_the_fixes_of_operands() -> None:
    assert "docker build -t app .\n" in fixed(spec("docker build -t app"), "CD367")
    assert "docker tag a:1 r.io/a:1\n" in fixed(spec("docker tag a:1 r.io/a :1"), "CD367")
    assert "docker build -t a:1 .\n" in fixed(spec("docker build -t a :1 ."), "CD367")


# --- pushes


@pytest.mark.parametrize(
    ("commands", "severity"),
    [
        (["docker build -t app .", "docker push $REPO:latest"], "error"),
        (["docker build -t app .", f"docker push {ECR}/app:latest"], "error"),
        (["docker build -t app:1 .", f"docker tag app:1 {ECR}/app:1", f"docker push {ECR}/app:2"], "error"),
        (["docker build -t $REPO:latest .", "docker push $REPO:$CODEBUILD_BUILD_NUMBER"], "error"),
        (["docker build -t $NAME:$TAG .", f"docker push {ECR}/$NAME:$TAG"], "error"),
        (["npm ci", "docker build -t app .", "docker push $REPO:latest"], "warning"),
        (
            [
                "TAG=$(echo $CODEBUILD_RESOLVED_SOURCE_VERSION | cut -c 1-7)",
                "docker build -t $REPO:latest .",
                "docker push $REPO:$TAG",
            ],
            "warning",
        ),
        (["docker build -t app .", f"docker tag app {ECR}/app:1", f"docker push {ECR}/app"], "error"),
        (["docker build -t app .", f"docker tag app {ECR}/app:1", f"docker push -a {ECR}/other"], "error"),
        (["docker build -t $REPO .", "docker push $REPO:1"], "error"),
    ],
)
def test_pushed_image_not_built(commands: list[str], severity: str) -> None:
    place = commands[-1].rpartition(" ")[2]
    assert [one for one in told(*commands) if one[0] == "CD368"] == [("CD368", severity, place)]


@pytest.mark.parametrize(
    "commands",
    [
        [f"docker build -t {ECR}/app .", f"docker push {ECR}/app"],
        [f"docker build -t {ECR}/app .", f"docker push {ECR}/app:latest"],
        ["docker build -t app .", f"docker tag app {ECR}/app:1", f"docker push {ECR}/app:1"],
        ["docker build -t app .", f"docker tag app {ECR}/app:1", f"docker push -a {ECR}/app"],
        [
            "docker build -t app .",
            f"docker image tag app:latest {ECR}/app:1",
            f"docker image push {ECR}/app:1",
        ],
        [f"docker build -t a -t {ECR}/app:1 .", f"docker push {ECR}/app:1"],
        [f"URI={ECR}/app", "docker build -t $URI:1 .", f"docker push {ECR}/app:1"],
        [f"URI={ECR}/app", "FULL=$URI:1", "docker build -t $URI:1 .", "docker push $FULL"],
        ["docker build -t $REPO:latest .", "docker push $IMAGE"],
        ["docker build -t $REPO:latest .", "docker push $REPO:$TAG"],
        ["docker build -t $NAME:$TAG .", "docker push $URI:$TAG"],
        ["docker build -t app .", "./push.sh", f"docker push {ECR}/app:1"],
        ["docker build -t app .", "make image", f"docker push {ECR}/app:1"],
        ["docker build -t app .", "docker compose build", f"docker push {ECR}/app:1"],
        ["docker build -t app .", "mvn jib:dockerBuild", f"docker push {ECR}/app:1"],
        ["docker build -t app .", "docker load -i image.tar", f"docker push {ECR}/app:1"],
        ["docker build -t app .", f"docker pull {ECR}/b:1", f"docker push {ECR}/b:1"],
        ["docker build $ARGS -t app .", f"docker push {ECR}/app:1"],
        ["docker build -t app .", f"docker push {ECR}/app:1 || true"],
        [f"docker push {ECR}/app:1"],
        ["for s in a b; do docker build -t $s .; docker tag $s $REPO/$s; docker push $REPO/$s; done"],
        ["docker build -t app .", "push() { docker push $1; }", "push x"],
        ["docker build -t app .", ". ./lib.sh", f"docker push {ECR}/app:1"],
        ["docker build -t $REPO:$TAG .", 'docker push "${REPO}:${TAG}"'],
        ["docker build -t $REPO .", "docker push $REPO:latest"],
        ["docker build -t $REPO:latest .", "docker push $REPO"],
        ["docker build -t $REPO/$APP .", "docker push $REPO/$APP:latest"],
        ["docker build -t $REPO:$TAG-x .", "TAG=$(echo $TAG-x)", "docker push $REPO:$TAG"],
    ],
)
def test_pushes_that_are_right(commands: list[str]) -> None:
    assert [one for one in told(*commands) if one[0] == "CD368"] == []


# --- what is deployed


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ('printf \'[{"name":"a","imageUri":"%s"}]\' $REPO:latest > imagedefinitions.json', "latest"),
        ('echo "[{\\"imageUri\\":\\"$REPO:latest\\"}]" > imagedefinitions.json', "latest"),
        ('echo "{\\"ImageURI\\":\\"$REPO:latest\\"}" > out/imageDetail.json', "latest"),
        ('printf \'{"ImageURI":"%s"}\' $REPO:latest | tee imageDetail.json', "latest"),
        ("kubectl set image deployment/web web=$REPO:latest", "latest"),
        ("kubectl -n prod set image deployment/web web=$REPO:latest", "latest"),
        ('cat > imagedefinitions.json <<EOF\n        [{"imageUri":"$REPO:latest"}]\n        EOF', "latest"),
    ],
)
def test_latest_is_deployed(command: str, place: str) -> None:
    assert told(command) == [("CD371", "warning", place)]


@pytest.mark.parametrize(
    "command",
    [
        'printf \'[{"name":"a","imageUri":"%s"}]\' $REPO:$TAG > imagedefinitions.json',
        'printf \'[{"name":"a","imageUri":"%s"}]\' $REPO:latest-$TAG > imagedefinitions.json',
        'printf \'[{"name":"a","imageUri":"%s"}]\' $URI > imagedefinitions.json',
        "echo pushing $REPO:latest",
        "echo $REPO:latest > deployed.txt",
        "kubectl set image deployment/web web=$REPO:$TAG",
        "kubectl get pods",
        "docker push $REPO:latest",
    ],
)
def test_latest_is_not_deployed(command: str) -> None:
    assert told(command) == []


def test_latest_by_way_of_a_variable() -> None:
    write = 'printf \'[{"name":"a","imageUri":"%s"}]\' $IMAGE > imagedefinitions.json'
    for value in ("$REPO:latest", f"{ECR}/app"):
        assert told(f"IMAGE={value}", write) == [("CD371", "warning", "$IMAGE")]
    for value in ("$REPO:$TAG", f"{ECR}/app:1", "$(cat image)", f"{ECR}/$APP"):
        assert told(f"IMAGE={value}", write) == []


def test_only_latest_pushed_is_advice() -> None:
    assert ("CD371", "info", "$REPO:latest") in told("docker push $REPO:latest", pedantic=True)
    both = told("docker push $REPO:latest", "docker push $REPO:1", pedantic=True)
    assert not [one for one in both if one[0] == "CD371"]


# --- names of images


@pytest.mark.parametrize(
    ("command", "severity", "place"),
    [
        ("docker build -t MyApp .", "error", "MyApp"),
        ("docker build -t $REGISTRY/MyApp:1 .", "error", "MyApp"),
        (f"docker push {ECR}/Team/app:1", "error", "Team"),
        ("docker build -t Web-$STAGE:1 .", "error", "Web-"),
        ("docker run --rm Alpine:3 ls", "error", "Alpine"),
        ("docker build -t https://reg.example.com/app:1 .", "error", "https://"),
        ("docker build -t app: .", "error", ":"),
        ("docker build -t $REPO: .", "error", ":"),
        ("docker build -t app:1:2 .", "error", ":2"),
        ("docker build -t app:$TAG:latest .", "error", "app:$TAG:latest"),
        ("docker build -t app:feature+1 .", "error", "+"),
        ("docker build -t app:-1 .", "error", "-"),
        ("docker build -t -app .", "error", "-app"),
        ("docker build -t my_app-/web:1 .", "error", "my_app-"),
        ("docker build -t app:$CODEBUILD_BUILD_ID .", "error", "$CODEBUILD_BUILD_ID"),
        ('docker build -t "app:${CODEBUILD_BUILD_ID}" .', "error", "${CODEBUILD_BUILD_ID}"),
        ("docker build -t app:$CODEBUILD_WEBHOOK_HEAD_REF .", "error", "$CODEBUILD_WEBHOOK_HEAD_REF"),
        ("docker build -t app:b-$CODEBUILD_WEBHOOK_TRIGGER .", "error", "$CODEBUILD_WEBHOOK_TRIGGER"),
    ],
)
def test_names_that_docker_refuses(command: str, severity: str, place: str) -> None:
    assert [one for one in told(command) if one[0] == "CD374"] == [("CD374", severity, place)]


def test_names_by_way_of_variables() -> None:
    tag = told("TAG=$CODEBUILD_BUILD_ID", "docker build -t app:$TAG .")
    assert tag == [("CD374", "error", "app:$TAG")]
    two = told("URI=reg.example.com/app:1", "docker build -t $URI:2 .")
    assert two == [("CD374", "error", "$URI:2")]
    empty = told("TAG=", "docker build -t app:$TAG .")
    assert empty == [("CD374", "warning", "app:$TAG")]
    head = "env:\n  variables:\n    TAG: ''\n"
    assert told("docker build -t app:$TAG .", head=head) == []
    assert ("CD374", "info", "app:$TAG") in told("docker build -t app:$TAG .", head=head, pedantic=True)


@pytest.mark.parametrize(
    "command",
    [
        "docker build -t my-app .",
        "docker build -t my_app/web.api:V1.0_RC-2 .",
        "docker build -t a__b---c.d:1 .",
        "docker build -t localhost:5000/app:1 .",
        "docker build -t REGISTRY/app:1 .",
        f"docker build -t {ECR}/app@sha256:abc .",
        "docker build -t $APP .",
        "docker build -t $REPO/$APP:$TAG .",
        "docker build -t ${REPO:-Local}/app:${TAG:-Latest} .",
        "docker build -t app:$(git rev-parse --short HEAD) .",
        'docker build -t "app:${CODEBUILD_BUILD_ID##*:}" .',
        "docker build -t app:${CODEBUILD_BUILD_ID#*:} .",
        "docker build -t app:$(echo $CODEBUILD_BUILD_ID | cut -d: -f2) .",
        "docker build -t app:$CODEBUILD_BUILD_NUMBER .",
        "docker build -t app:$CODEBUILD_RESOLVED_SOURCE_VERSION .",
        "docker build --build-arg NAME=MyApp -t app .",
        "docker build -t app ./Web",
        "docker run --name MyApp -v $PWD:/App reg.example.com/app:1 Run",
        "docker run --rm $IMAGE Run",
        "docker run $OPTIONS App",
        "docker exec MyContainer ls",
        "docker login https://reg.example.com",
        "docker build -t $A$B .",
        "docker build -t app:$BUILD-$CODEBUILD_BUILD_NUMBER .",
        "docker build -t $HOST:5000/app:1 .",
        "docker build -t __NAME__:1 .",
        "docker build -t {{Name}}:1 .",
        "for stage in dev prod; do docker build -t app:$stage .; done",
        "read TAG < tag; docker build -t app:$TAG .",
    ],
)
def test_names_that_docker_takes(command: str) -> None:
    assert [one for one in told(command) if one[0] == "CD374"] == []


# --- the source version


@pytest.mark.parametrize(
    ("commands", "severity"),
    [
        (["TAG=$(echo $CODEBUILD_SOURCE_VERSION | cut -c1-7)"], "warning"),
        (['export TAG="$(echo ${CODEBUILD_SOURCE_VERSION} | cut -c -8)"'], "warning"),
        (["TAG=$(printf '%s' \"$CODEBUILD_SOURCE_VERSION\" | head -c 7)"], "warning"),
        (["TAG=${CODEBUILD_SOURCE_VERSION:0:7}"], "warning"),
        (["docker build -t app:$CODEBUILD_SOURCE_VERSION ."], "warning"),
        (["TAG=$CODEBUILD_SOURCE_VERSION", "docker build -t app:$TAG ."], "warning"),
        (["TAG=$(echo $CODEBUILD_SOURCE_VERSION | cut -c1-7)", "# pr/12 in a pull request"], "info"),
        (
            [
                'case "$CODEBUILD_SOURCE_VERSION" in arn:*) exit 1 ;; esac',
                "TAG=$(echo $CODEBUILD_SOURCE_VERSION | cut -c1-7)",
            ],
            "info",
        ),
    ],
)
def test_source_version_as_commit(commands: list[str], severity: str) -> None:
    mine = [one for one in told(*commands, pedantic=True) if one[0] == "CD375"]
    assert mine == [("CD375", severity, "CODEBUILD_SOURCE_VERSION")]


@pytest.mark.parametrize(
    "command",
    [
        "echo $CODEBUILD_SOURCE_VERSION",
        "TAG=$(echo $CODEBUILD_RESOLVED_SOURCE_VERSION | cut -c1-7)",
        "PR=$(echo $CODEBUILD_SOURCE_VERSION | cut -d/ -f2)",
        "PR=${CODEBUILD_SOURCE_VERSION#pr/}",
        "PR=$(echo $CODEBUILD_SOURCE_VERSION | tr / -)",
        "BUCKET=$(echo $CODEBUILD_SOURCE_VERSION | awk -F/ '{print $1}')",
        "NUMBER=$(echo $CODEBUILD_SOURCE_VERSION | grep -o '[0-9]*')",
        "TAG=${CODEBUILD_RESOLVED_SOURCE_VERSION:-$CODEBUILD_SOURCE_VERSION}",
        "REF=$CODEBUILD_SOURCE_VERSION",
        "git checkout $CODEBUILD_SOURCE_VERSION",
        'if [ "$CODEBUILD_SOURCE_VERSION" = main ]; then echo yes; fi',
        "aws s3 cp $(echo $CODEBUILD_SOURCE_VERSION | cut -c14-) source.zip",
    ],
)
def test_source_version_that_is_none(command: str) -> None:
    assert [one for one in told(command, pedantic=True) if one[0] == "CD375"] == []


def test_source_version_is_mended() -> None:
    text = spec("TAG=$(echo ${CODEBUILD_SOURCE_VERSION} | cut -c1-7)")
    assert "echo ${CODEBUILD_RESOLVED_SOURCE_VERSION} |" in fixed(text, "CD375")


# --- images from elsewhere


def test_images_without_a_version() -> None:
    for command in ("docker run reg.example.com/x", "docker pull reg.example.com/x:latest"):
        assert [one[0] for one in told(command, pedantic=True)] == ["CD372"]
    for command in (
        "docker run reg.example.com/x:1",
        "docker run reg.example.com/x@sha256:" + "a" * 64,
        "docker run $IMAGE",
        "docker run $OPTIONS reg.example.com/x",
        "docker run --some-option y reg.example.com/x",
    ):
        assert told(command, pedantic=True) == []
    assert told("docker build -t app .", "docker run app", pedantic=True) == []


def test_images_of_a_batch() -> None:
    head = "batch:\n  build-list:\n    - identifier: a\n      env:\n        image: {}\n"
    for image in ("me/tool", "me/tool:latest"):
        assert told("make", head=head.format(image), pedantic=True) == [("CD372", "info", image)]
    for image in ("me/tool:1", "aws/codebuild/standard:7.0", "me/tool@sha256:" + "a" * 64, "$IMAGE"):
        assert told("make", head=head.format(image), pedantic=True) == []


def test_docker_hub() -> None:
    assert told("docker run --rm node:20 npm test", pedantic=True) == [("CD373", "info", "node:20")]
    assert told("docker pull library/node:20", pedantic=True) == [("CD373", "info", "library/node:20")]
    assert told("docker pull me/tool:1", pedantic=True) == [("CD373", "info", "me/tool:1")]
    text = spec("docker run --rm node:20 npm test")
    assert "run --rm public.ecr.aws/docker/library/node:20 npm" in fixed(text, "CD373")
    login = "echo $PASS | docker login -u me --password-stdin"
    for commands in (
        [login, "docker pull node:20"],
        [login + " docker.io", "docker pull node:20"],
        [login + " $REGISTRY", "docker pull node:20"],
        ["docker pull public.ecr.aws/docker/library/node:20"],
        ["docker pull localhost:5000/node:20"],
        ["docker pull ghcr.io/me/node:20"],
        ["docker build -t node:20 .", "docker run node:20 npm test"],
    ):
        assert told(*commands, pedantic=True) == []
    assert told(login + f" {ECR}", "docker pull node:20", pedantic=True) == [("CD373", "info", "node:20")]


# --- running


@pytest.mark.parametrize(
    ("command", "place", "after"),
    [
        ("docker run -it r.io/app:1 npm test", "-it", "docker run -i r.io/app:1 npm test"),
        ("docker run --rm -ti r.io/app:1", "-ti", "docker run --rm -i r.io/app:1"),
        ("docker run -i -t r.io/app:1", "-t", "docker run -i r.io/app:1"),
        ("docker run --interactive --tty r.io/app:1", "--tty", "docker run --interactive r.io/app:1"),
        ("docker exec -it web npm test", "-it", "docker exec -i web npm test"),
        ("docker container run -it r.io/app:1", "-it", "docker container run -i r.io/app:1"),
    ],
)
def test_terminal(command: str, place: str, after: str) -> None:
    assert told(command) == [("CD377", "warning", place)]
    assert after in fixed(spec(command), "CD377")


@pytest.mark.parametrize(
    "command",
    [
        "docker run -i r.io/app:1 npm test",
        "docker run -t r.io/app:1 npm test",
        "docker run -dit r.io/app:1",
        "docker run -d -i -t r.io/app:1",
        "docker run r.io/app:1 tool -it",
        "docker exec web ls -it",
        "docker run -i -t=false r.io/app:1",
        "docker build -t it .",
        "docker compose run -it web",
        "kubectl exec -it pod -- ls",
        'script -q -c "docker run -it r.io/app:1"',
        "docker run -e -it r.io/app:1",
    ],
)
def test_no_terminal(command: str) -> None:
    assert [one for one in told(command) if one[0] == "CD377"] == []


def test_compose() -> None:
    text = spec("docker-compose up -d")
    assert told("docker-compose up -d", pedantic=True) == [("CD376", "info", "docker-compose")]
    assert "docker compose up -d" in fixed(text, "CD376")
    assert told("pip install docker-compose", "docker-compose up", pedantic=True) == []
    assert told("docker compose up -d", pedantic=True) == []
    assert told("docker-compose up -d", image="aws/codebuild/standard:5.0", pedantic=True) == []


def test_lambda_has_no_docker() -> None:
    image = "aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs22"
    assert told("docker ps", image=image) == [("CD378", "error", "docker")]
    assert told("if command -v docker; then docker ps; fi", image=image) == []
    assert told("docker ps", image="aws/codebuild/standard:7.0") == []


def test_daemon_is_advice_once() -> None:
    text = spec("docker --version", "docker build -t a .", "docker build -t b .")
    mine = [one for one in found(text, pedantic=True) if one.code == "CD378"]
    assert [(one.severity, one.span.start) for one in mine] == [("info", text.index("docker build -t a"))]
    for commands in (["docker --version"], ["dockerd &", "docker build -t a ."], ["docker info || true"]):
        assert not [one for one in found(spec(*commands), pedantic=True) if one.code == "CD378"]


@pytest.mark.parametrize(
    ("command", "bad"),
    [
        ("docker run --rm r.io/app:1 aws s3 ls", True),
        ("docker run --rm --entrypoint aws r.io/app:1 s3 ls", True),
        ("docker run --rm amazon/aws-cli:2.15.0 s3 ls", True),
        ("docker run -e AWS_CONTAINER_CREDENTIALS_RELATIVE_URI r.io/app:1 aws s3 ls", False),
        ("docker run -e AWS_ACCESS_KEY_ID=$K r.io/app:1 aws s3 ls", False),
        ("docker run --env-file env r.io/app:1 aws s3 ls", False),
        ("docker run -v ~/.aws:/root/.aws r.io/app:1 aws s3 ls", False),
        ("docker run $OPTIONS r.io/app:1 aws s3 ls", False),
        ("docker run r.io/app:1 aws --version", False),
        ("docker run r.io/app:1 ls aws", False),
    ],
)
def test_credentials(command: str, bad: bool) -> None:
    assert any(one[0] == "CD379" for one in told(command, pedantic=True)) is bad


def test_positions() -> None:
    text = (
        "version: 0.2\nphases:\n  build:\n    commands:\n"
        '      - "docker build -t \\"$REPO/Web:1\\" ."\n'
        "      - >-\n        docker build\n        -t app\n"
        "      - if true; then docker run -it r.io/a:1; fi\n"
    )
    result = check_text(text, "buildspec.yml", kind="buildspec")
    places = {
        one.code: (result.source.position(one.span.start).line, result.source.position(one.span.start).column)
        for one in result.findings
        if one.code in RULES and one.severity != "info"
    }
    assert places == {"CD374": (5, 34), "CD367": (7, 9), "CD377": (9, 34)}
