"""CD420–CD422: scripts from the network, certificates that are not checked, texts of others run as code."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding

RULES = {f"CD{number}" for number in range(420, 430)}
REF = "CODEBUILD_WEBHOOK_HEAD_REF"


def found(text: str) -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec")
    return [one for one in result.findings if one.code in RULES]


def told(text: str) -> list[tuple[str, str, str]]:
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text)]


def block(*lines: str) -> str:
    """Each line an item of its own, as a block, so that YAML takes nothing for its own."""
    items = "".join(
        "      - |\n" + "".join(f"        {part}\n" for part in line.split("\n")) for line in lines
    )
    return f"version: 0.2\nphases:\n  build:\n    commands:\n{items}      - make\n"


# --- scripts from the network


@pytest.mark.parametrize(
    ("line", "severity", "place"),
    [
        ("curl -sL https://get.example.sh | sh", "warning", "sh"),
        ("curl -sL https://deb.nodesource.com/setup_20.x | sudo -E bash -", "warning", "bash"),
        ("wget -qO- http://get.example.net | sh", "warning", "sh"),
        ("curl -fsSL http://get.example.net | sh", "warning", "sh"),
        ("curl -sSL https://install.example.net | python3 -", "warning", "python3"),
        ("curl -sS https://getcomposer.example.net/installer | php", "warning", "php"),
        ("curl -s https://get.example.net | gunzip | bash -s -- -b /usr/local/bin", "warning", "bash"),
        ("bash <(curl -s https://codecov.example.net/bash)", "warning", "bash"),
        ("source <(curl -s https://get.example.net)", "warning", "source"),
        ('sh -c "$(curl -sSL https://get.example.net)"', "warning", "sh"),
        ('eval "$(curl -s https://get.example.net)"', "warning", "eval"),
        ("eval `curl -s https://get.example.net`", "warning", "eval"),
        ("curl -s $URL | sh", "warning", "sh"),
        ("if ! command -v tool; then curl -s https://get.example.net | sh; fi", "warning", "sh"),
        ("curl -fsSL https://get.example.net | sh", "info", "sh"),
        ("curl -LsSf https://astral.example.net/uv/install.sh | sh", "info", "sh"),
        ("curl --fail -sL https://get.example.net | TOOL_DIR=/usr/local/bin sh", "info", "sh"),
        ("curl --retry 3 -fsSL https://get.example.net | bash", "info", "bash"),
        ("wget -qO- https://get.example.net | sh", "info", "sh"),
        ("wget -q -O - https://get.example.net | sh", "info", "sh"),
    ],
)
def test_scripts_from_the_network(line: str, severity: str, place: str) -> None:
    assert told(block(line)) == [("CD420", severity, place)]


@pytest.mark.parametrize(
    "line",
    [
        "curl -sL https://get.example.net | tar xz",
        "curl -sL https://get.example.net -o install.sh",
        "curl -s https://api.example.net | python3 -m json.tool",
        "curl -s https://api.example.net | python3 -c 'import json'",
        "curl -s https://api.example.net | jq -r .tag",
        "curl -s https://api.example.net | bash ./read.sh",
        "curl -s https://api.example.net | sh -c 'cat > f'",
        "curl -s https://key.example.net | apt-key add -",
        "curl -s http://localhost:8080/init.sh | sh",
        "curl -s https://raw.githubusercontent.com/o/r/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567/i.sh | sh",
        "V=$(curl -s https://api.example.net/version)",
        'echo "$(curl -s https://api.example.net/version)"',
        'bash deploy.sh "$(curl -s https://api.example.net/version)"',
        "echo 'curl -s https://get.example.net | sh'",
        "# curl -s https://get.example.net | sh",
        "cat install.sh | sh",
        "curl -s https://get.example.net | sha256sum -c sums && sh install.sh",
        "diff <(curl -s https://a.example.net) b",
    ],
)
def test_other_downloads_are_left_alone(line: str) -> None:
    assert told(block(line)) == []


# --- certificates


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("curl -k https://repo.example.net/a", "-k"),
        ("curl -fsSLk https://repo.example.net/a -o b", "-fsSLk"),
        ("curl --insecure $URL", "--insecure"),
        ("wget --no-check-certificate https://repo.example.net/a", "--no-check-certificate"),
        ("git config --global http.sslVerify false", "http.sslVerify"),
        ("git -c http.sslVerify=false clone https://git.example.net/a", "http.sslVerify=false"),
        ("npm config set strict-ssl false", "strict-ssl"),
        ("npm config set strict-ssl=false", "strict-ssl=false"),
        ("npm ci --strict-ssl=false", "--strict-ssl=false"),
        ("yarn config set strict-ssl false -g", "strict-ssl"),
        ("pip install --trusted-host pypi.org -r requirements.txt", "--trusted-host"),
        ("python3 -m pip install --trusted-host pypi.org x", "--trusted-host"),
        ("pip install --trusted-host=pypi.org x", "--trusted-host=pypi.org"),
        ("aws s3 ls --no-verify-ssl", "--no-verify-ssl"),
        ("export NODE_TLS_REJECT_UNAUTHORIZED=0", "NODE_TLS_REJECT_UNAUTHORIZED=0"),
        ("GIT_SSL_NO_VERIFY=true git clone https://git.example.net/a", "GIT_SSL_NO_VERIFY=true"),
        ('export PYTHONHTTPSVERIFY="0"', 'PYTHONHTTPSVERIFY="0"'),
        ("kubectl --insecure-skip-tls-verify get pods", "--insecure-skip-tls-verify"),
        ("conda config --set ssl_verify false", "ssl_verify"),
        ("apt-get -o Acquire::https::Verify-Peer=false update", "Acquire::https::Verify-Peer=false"),
    ],
)
def test_unchecked_certificates(line: str, place: str) -> None:
    assert told(block(line)) == [("CD421", "warning", place)]


def test_variables_switch_it_off_too() -> None:
    text = (
        "version: 0.2\nenv:\n  variables:\n    NODE_TLS_REJECT_UNAUTHORIZED: '0'\n    GIT_SSL_NO_VERIFY: 'false'\n"
        "phases:\n  build:\n    commands:\n      - make\n"
    )
    assert told(text) == [("CD421", "warning", "NODE_TLS_REJECT_UNAUTHORIZED")]


@pytest.mark.parametrize(
    "line",
    [
        "curl -k https://localhost:8443/health",
        "curl -sk https://127.0.0.1:8443/health -o k",
        "curl -k https://app:8443/health",
        "wget --no-check-certificate https://localhost/",
        "curl -K settings -o k https://repo.example.net/a",
        "curl -o -k https://repo.example.net/a",
        "curl -H -k https://repo.example.net/a",
        "curl -fsSL https://repo.example.net/keys -o keys",
        "git config --global http.sslVerify true",
        "git config --global core.filemode false",
        "npm config set strict-ssl true",
        "npm config set fund false",
        "export NODE_TLS_REJECT_UNAUTHORIZED=1",
        "kubectl --insecure-skip-tls-verify=false get pods",
        "curl -k https://repo.example.net/a # self-signed certificate of the test server",
        "# the server has a self-signed certificate\ncurl -k https://repo.example.net/a",
        "tar -k -xf a.tar",
        "pip install --trusted-host localhost -i http://localhost/simple x",
        "echo 'npm config set strict-ssl false'",
    ],
)
def test_checked_near_and_explained(line: str) -> None:
    assert told(block(line)) == []


# --- texts of others


@pytest.mark.parametrize(
    ("lines", "severity", "place"),
    [
        ((f'eval "deploy --branch ${{{REF}#refs/heads/}}"',), "warning", f"${{{REF}#refs/heads/}}"),
        ((f"eval deploy ${REF}",), "warning", f"${REF}"),
        ((f'sh -c "deploy ${REF}"',), "warning", f"${REF}"),
        ((f'bash -ec "deploy ${REF}"',), "warning", f"${REF}"),
        ((f'docker run app:1 sh -c "deploy ${REF}"',), "warning", f"${REF}"),
        ((f'ssh -i key.pem ci@host "cd app && git checkout ${REF}"',), "warning", f"${REF}"),
        ((f"python3 -c \"print('${REF}')\"",), "warning", f"${REF}"),
        ((f'sed -i "s/BRANCH/${REF}/" app.yml',), "warning", f"${REF}"),
        ((f'sed -i "s|BRANCH|${REF}|" app.yml',), "info", f"${REF}"),
        ((f'echo "deploy ${REF}" | sh',), "warning", f"${REF}"),
        ((f"bash <<EOF\ndeploy ${REF}\nEOF",), "warning", f"${REF}"),
        (("$CODEBUILD_WEBHOOK_TRIGGER now",), "warning", "$CODEBUILD_WEBHOOK_TRIGGER"),
        ((f"B=${{{REF}#refs/heads/}}", 'eval "deploy $B"'), "warning", "$B"),
        ((f"B=$(echo ${REF} | sed 's,refs/heads/,,')", 'bash -c "deploy $B"'), "warning", "$B"),
        ((f'export A="${REF}"', "B=$A-x", 'eval "deploy $B"'), "warning", "$B"),
        (("M=$(git log -1 --pretty=%B)", 'eval "notify $M"'), "warning", "$M"),
        (("M=`git log -1 --format=%s`", 'bash -c "notify $M"'), "warning", "$M"),
        (("B=$(git rev-parse --abbrev-ref HEAD)", 'eval "deploy $B"'), "warning", "$B"),
    ],
)
def test_texts_of_others_run_as_code(lines: tuple[str, ...], severity: str, place: str) -> None:
    assert told(block(*lines)) == [("CD422", severity, place)]


@pytest.mark.parametrize(
    "lines",
    [
        (f'deploy --branch "${{{REF}#refs/heads/}}"',),
        (f"git checkout ${REF}",),
        (f'echo "building ${REF}"',),
        (f'bash -c \'deploy "$1"\' deploy "${REF}"',),
        (f"bash -c 'deploy \"${REF}\"'",),
        (f"eval 'deploy \"${REF}\"'",),
        (f'bash deploy.sh "${REF}"',),
        (f'case "${REF}" in refs/heads/main) eval "deploy ${REF}" ;; esac',),
        (f'if [ "${REF}" = refs/heads/main ]; then eval "deploy ${REF}"; fi',),
        (f"[[ ${REF} =~ ^refs/heads/[a-z]+$ ]] || exit 1", f'eval "deploy ${REF}"'),
        (f'echo "${REF}" | grep -Eq "^refs/heads/[a-z]+$" || exit 1', f'eval "deploy ${REF}"'),
        ('if [ "$CODEBUILD_WEBHOOK_TRIGGER" = branch/main ]; then',),
        (f"B=$(echo ${REF} | tr -cd 'a-z0-9')", 'eval "deploy $B"'),
        (f"B=$(echo ${REF} | sed 's/[^a-z0-9]/-/g')", 'eval "deploy $B"'),
        (f"B=$(echo ${REF} | md5sum)", 'eval "deploy $B"'),
        (f"B=$(printf %q ${REF})", 'eval "deploy $B"'),
        (f"B=${{{REF}//[^a-z]/}}", 'eval "deploy $B"'),
        (f"B=${REF}", "B=main", 'eval "deploy $B"'),
        ("N=$(echo $CODEBUILD_SOURCE_VERSION | grep -o '[0-9]*')", 'eval "deploy $N"'),
        ("S=$(git log -1 --format=%H)", 'eval "deploy $S"'),
        ("S=$(git rev-parse HEAD)", 'eval "deploy $S"'),
        ('eval "deploy $CODEBUILD_RESOLVED_SOURCE_VERSION"',),
        ('eval "$(ssh-agent -s)"', f"echo ${REF}"),
        (f'sed -n "/main/p" ${REF}',),
        (f"ssh ci@host deploy < ${REF}",),
        (f'eval "deploy ${{#{REF}}}"',),
        (f'if [ -n "${REF}" ]; then echo "${REF}"; fi',),
    ],
)
def test_quoted_checked_and_cleaned(lines: tuple[str, ...]) -> None:
    assert told(block(*lines)) == []


def test_an_empty_test_is_no_check() -> None:
    text = block(f'if [ -n "${REF}" ]; then eval "deploy ${REF}"; fi')
    assert told(text) == [("CD422", "warning", f"${REF}")]
    text = block(f'if [ "${REF}" != "" ]; then eval "deploy ${REF}"; fi')
    assert told(text) == [("CD422", "warning", f"${REF}")]


def test_the_origin_is_told() -> None:
    (one,) = found(block(f"B=${{{REF}#refs/heads/}}", 'eval "deploy $B"'))
    assert f"from `{REF}`" in one.message
