"""CD380–CD389: commands that wait for a person, are not on the image, or have aged."""

from __future__ import annotations

import pytest

from cdlint.engine import check_text
from cdlint.findings import Finding, apply_edits
from cdlint.source import Source

CODES = tuple(f"CD38{number}" for number in range(10))
UBUNTU = "aws/codebuild/standard:7.0"
AL2023 = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
AL2 = "aws/codebuild/amazonlinux-x86_64-standard:4.0"
LAMBDA = "aws/codebuild/amazonlinux-x86_64-lambda-standard:python3.12"


def spec(*commands: str, head: str = "") -> str:
    items = ""
    for command in commands:
        body = "\n".join("          " + line for line in command.split("\n"))
        items += f"      - |-\n{body}\n"
    return f"version: 0.2\n{head}phases:\n  build:\n    commands:\n{items}"


def found(text: str, image: str | None = None) -> list[Finding]:
    result = check_text(text, "buildspec.yml", kind="buildspec", pedantic=True, image=image)
    return [one for one in result.findings if one.code in CODES]


def told(*commands: str, image: str | None = None, head: str = "") -> list[tuple[str, str, str]]:
    text = spec(*commands, head=head)
    return [(one.code, one.severity, text[one.span.start : one.span.end]) for one in found(text, image)]


@pytest.mark.parametrize(
    ("command", "code", "severity", "place"),
    [
        ("apt-get install jq", "CD380", "warning", "apt-get install"),
        ("apt-get update && apt-get install jq", "CD380", "warning", "apt-get install"),
        ("apt install --no-install-recommends yarn", "CD380", "warning", "apt install"),
        ("apt-get -q upgrade", "CD380", "warning", "apt-get -q upgrade"),
        ("yum install jq", "CD380", "warning", "yum install"),
        ("dnf update", "CD380", "warning", "dnf update"),
        ("conda create -n app python=3.12", "CD380", "warning", "conda create"),
        ("pip uninstall awscli", "CD380", "warning", "pip uninstall"),
        ("terraform apply", "CD382", "warning", "terraform apply"),
        ("terraform -chdir=infra destroy", "CD382", "warning", "terraform"),
        ("terraform apply -input=false -var 'a=b' -var-file x.tfvars", "CD382", "warning", "terraform apply"),
        ("terragrunt apply", "CD382", "warning", "terragrunt apply"),
        ("cdk deploy --all", "CD382", "info", "cdk deploy"),
        ("cdk destroy --all", "CD382", "warning", "cdk destroy"),
        ("sam deploy --guided", "CD382", "warning", "sam deploy"),
        ("docker system prune -a", "CD382", "warning", "docker system prune"),
        ("docker image prune --filter until=24h", "CD382", "warning", "docker image prune"),
        ("vim app.conf", "CD382", "warning", "vim app"),
        ("rm -ri dist", "CD382", "warning", "rm"),
        ('read -p "Sure?" answer', "CD382", "warning", "read"),
        ("npm init", "CD382", "warning", "npm init"),
        ("aws configure", "CD382", "warning", "aws configure"),
        ("pulumi up", "CD382", "warning", "pulumi up"),
        ("eb init", "CD382", "info", "eb init"),
        ("htop", "CD382", "warning", "htop"),
        ("ng serve", "CD383", "warning", "serve"),
        ("npx tsc --watch", "CD383", "warning", "--watch"),
        ("tsc -w", "CD383", "warning", "-w"),
        ("tail -f app.log", "CD383", "warning", "-f"),
        ("npm start", "CD383", "info", "start"),
        ("ng test", "CD383", "info", "test"),
        ("python3 -m http.server 8000", "CD383", "info", "http.server"),
        ("flask run", "CD383", "info", "run"),
        ("nvm use 20", "CD384", "warning", "nvm use"),
        ("conda activate app", "CD384", "warning", "conda activate"),
        ("sudo make install", "CD385", "info", "sudo"),
        ("npm install", "CD386", "info", "install"),
        ("npm install -g serverless", "CD386", "info", "serverless"),
        ("pip install --upgrade awscli", "CD386", "info", "awscli"),
        ("python -m pip install boto3", "CD386", "info", "boto3"),
        ("$(npm bin)/jest", "CD388", "warning", "npm bin"),
        ("easy_install pip", "CD388", "warning", "easy_install"),
        ("curl https://example.com/key | apt-key add -", "CD388", "info", "apt-key"),
        ("git clone git@github.com:a/b.git", "CD389", "info", "git@github.com:a/b.git"),
        ("scp app.zip user@host:/tmp", "CD389", "info", "scp"),
    ],
)
def test_fault(command: str, code: str, severity: str, place: str) -> None:
    if command.startswith("vim"):
        place = "vim"
    assert (code, severity, place) in told(command)


@pytest.mark.parametrize(
    "command",
    [
        "apt-get install -y jq",
        "apt-get -y install jq",
        "apt-get -qq install jq",
        "apt-get install jq -y -q",
        "apt-get install -yq jq",
        "apt-get -qq --yes upgrade",
        "apt-get install --assume-yes jq",
        "apt-get -o APT::Get::Assume-Yes=true install jq",
        "apt-get install --reinstall ca-certificates",
        "apt-get install dpkg",
        "yes | apt-get install jq",
        "echo y | yum install jq",
        "apt-get $OPTS install jq",
        "apt-get update",
        "apt-get clean",
        "apt-get download jq",
        "yum -y -q -e 0 install moreutils",
        "yum install -y jq",
        "yum makecache",
        "dnf --releasever=$V update -y",
        "conda create -y -n app python=3.12",
        "conda env create -f environment.yml",
        "pip uninstall -y awscli",
        "add-apt-repository ppa:deadsnakes/ppa",
        "terraform apply -auto-approve",
        "terraform apply --auto-approve",
        "terraform apply plan.tfplan",
        "terraform apply -input=false tfplan",
        "terraform apply $TF_ARGS",
        'terraform apply "$PLAN"',
        "terraform plan -out tfplan",
        "terraform destroy -input=false -auto-approve",
        "echo yes | terraform apply",
        "terraform apply <<EOF\nyes\nEOF",
        "echo terraform apply",
        "cdk deploy --require-approval never",
        "cdk deploy --all --require-approval=never",
        "cdk synth",
        "cdk destroy --force",
        "sam deploy --no-confirm-changeset",
        "docker system prune -af",
        "docker image prune -a --force --filter until=24h",
        "docker system df",
        "rm -rf dist",
        "rm -f -i dist",
        "sed -i s/a/b/ file",
        "cp -r a b",
        "while read -r line; do echo $line; done < list",
        "cat list | while read -p x line; do echo $line; done",
        "npm init -y",
        "npm ci",
        "aws configure set region eu-west-1",
        "aws configure list",
        "pulumi up --yes",
        "vim -es -c ':q' file",
        "top -b -n 1",
        "less README.md",
        "eb deploy",
        "ng build",
        "ng test --watch=false",
        "ng serve &",
        "nohup npm start > log 2>&1 &",
        "timeout 30 npm start",
        "(npm start &)",
        "npm run build",
        "npm run start:test",
        "npx tsc",
        "npx jest --watch=false",
        "tail -f log | grep -m1 ready",
        "tail -n 20 log",
        "tail -f log &",
        "python manage.py test",
        "python -m pytest",
        ". ~/.nvm/nvm.sh && nvm use 20",
        "export NVM_DIR=~/.nvm\n[ -s $NVM_DIR/nvm.sh ] && . $NVM_DIR/nvm.sh\nnvm install 20",
        'eval "$(conda shell.bash hook)" && conda activate app',
        "source activate app",
        "conda run -n app pytest",
        "bash -lc 'nvm use 20'",
        "pyenv install 3.12",
        "pyenv global 3.12",
        "rbenv install 3.3.0",
        "npm install -g npm@10",
        "npm install ./package.tgz",
        "npm install $PACKAGE@1",
        "npm run install",
        "pip install -r requirements.txt",
        "pip install --upgrade pip",
        "pip install -e .",
        "pip install .",
        "pip install awscli==1.32.0",
        "pip install 'boto3>=1.34'",
        "pip install -t package -r requirements.txt",
        "python setup.py install",
        "command -v sudo",
        "command -v htop && command -v nodemon",
        "npm config list",
        "ssh -V",
        "ssh -o StrictHostKeyChecking=no host ls",
        "git clone https://github.com/a/b.git",
        "yarn install --frozen-lockfile",
        "make install",
    ],
)
def test_silent(command: str) -> None:
    assert told(command) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("apt-get install jq", "apt-get install -y jq"),
        ("sudo yum install jq", "sudo yum install -y jq"),
        ("conda install numpy", "conda install -y numpy"),
    ],
)
def test_answer_is_added(before: str, after: str) -> None:
    text = spec(before)
    (one,) = [one for one in found(text) if one.code == "CD380"]
    assert one.fix is not None and one.fix.safe
    assert apply_edits(text, one.fix.edits) == spec(after)


@pytest.mark.parametrize(
    ("command", "image", "place"),
    [
        ("apt-get install -y jq", AL2023, "apt-get"),
        ("apt update", AL2, "apt"),
        ("yum install -y jq", UBUNTU, "yum"),
        ("dnf install -y jq", UBUNTU, "dnf"),
        ("apk add jq", UBUNTU, "apk"),
        ("yum install -y jq", LAMBDA, "yum"),
        ("dnf install -y jq", LAMBDA, "dnf"),
        ("amazon-linux-extras install docker", AL2023, "amazon-linux-extras"),
        ("amazon-linux-extras enable php8.2", UBUNTU, "amazon-linux-extras"),
    ],
)
def test_tool_not_on_image(command: str, image: str, place: str) -> None:
    assert ("CD381", "error", place) in told(command, image=image)


@pytest.mark.parametrize(
    ("command", "image"),
    [
        ("apt-get install -y jq", UBUNTU),
        ("yum install -y jq", AL2023),
        ("dnf install -y jq", AL2023),
        ("yum install -y jq", AL2),
        ("amazon-linux-extras install docker", AL2),
        ("apt-get install -y jq", None),
        ("apt-get install -y jq", "public.ecr.aws/acme/build:1"),
        ("command -v apt-get && apt-get install -y jq", AL2023),
        ("if command -v yum; then yum install -y jq; fi", UBUNTU),
        ("apt-get install -y jq || yum install -y jq", UBUNTU),
        ("docker run --rm debian apt-get update", AL2023),
    ],
)
def test_tool_on_image(command: str, image: str | None) -> None:
    assert told(command, image=image) == []


def test_production_leaves_out_tools() -> None:
    head = "env:\n  variables:\n    NODE_ENV: production\n"
    assert told("npm ci", "npx jest", head=head) == [("CD387", "warning", "npm")]
    assert told("npm ci", "npm run build", head=head) == [("CD387", "info", "npm")]
    assert told("export NODE_ENV=production", "npm ci", "npx eslint .") == [("CD387", "warning", "npm")]
    assert told("npm ci --include=dev", "npx jest", head=head) == []
    assert told("NODE_ENV=dev npm ci", "npx jest", head=head) == []
    assert told("npm ci", "export NODE_ENV=production", "npx jest") == []
    assert told("export NODE_ENV=test", "npm ci", "npx jest", head=head) == []
    assert told("npx jest", "npm ci", head=head) == []
    assert told("npm ci", "node server.js", head=head) == []


def test_npm_bin_by_runtime() -> None:
    text = spec("$(npm bin)/jest").replace(
        "phases:\n", "phases:\n  install:\n    runtime-versions:\n      nodejs: 22\n", 1
    )
    assert [(one.code, one.severity) for one in found(text)] == [("CD388", "error")]
    text = text.replace("nodejs: 22", "nodejs: 16")
    assert [(one.code, one.severity) for one in found(text)] == [("CD388", "warning")]


def test_sudo_is_told_once_and_means_something_with_run_as() -> None:
    assert len(told("sudo make", "sudo make install")) == 1
    assert told("sudo make", head="run-as: builder\n") == []


def test_functions_loaded_for_every_shell() -> None:
    assert told("nvm use 20", head="env:\n  variables:\n    BASH_ENV: /root/.nvm/nvm.sh\n") == []


def test_place_in_a_quoted_command() -> None:
    text = 'version: 0.2\nphases:\n  install:\n    commands: ["sudo apt-get install jq"]\n'
    (one,) = [one for one in found(text) if one.code == "CD380"]
    place = Source("x", text).position(one.span.start)
    assert (place.line, place.column) == (4, 22)
