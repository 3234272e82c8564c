"""The commands of cdlint and their options, said once: for the parsers, for `--help` and for the README's tests."""

from __future__ import annotations

from .options import Command, Operand, Option

FORMATS = ("full", "concise", "json", "jsonl", "github", "sarif", "junit", "gitlab", "markdown")
KINDS = (
    "buildspec",
    "pipeline",
    "template",
    "terraform",
    "image-definitions",
    "image-detail",
    "task-definition",
    "appspec",
    "deploy-spec",
    "template-configuration",
)
SEVERITIES = ("error", "warning", "info")
COMPRESSORS = ("auto", "libdeflate", "zlib", "store")
GIT_DEPTHS = ("shallow", "full", "none")

_CHECK = Command(
    "check",
    "Check buildspecs, pipelines and deploy files",
    operand=Operand(
        "paths",
        "PATH",
        "files or folders; `-` is standard input "
        "(default: the git repository around the current folder, or that folder)",
        0,
        None,
    ),
    groups=(
        (
            "what is checked",
            (
                Option("--exclude", "GLOB", "leave these files out too", many=True),
                Option("--kind", "KIND", "take the files for this kind", choices=KINDS),
                Option("--stdin-filename", "NAME", "the name of what comes in through `-`"),
                Option("--image", "IMAGE", "the build image, such as aws/codebuild/standard:7.0"),
                Option("--shell", "SHELL", "the shell of the builds where `env.shell` is not set"),
                Option("--jobs", "N", "how many processes check files (default: one for each core)"),
            ),
        ),
        (
            "rules",
            (
                Option(
                    "--select",
                    "RULES",
                    "only these rules: codes, beginnings of codes (CD2) or names, by commas",
                    many=True,
                ),
                Option("--ignore", "RULES", "not these rules", many=True),
                Option("--shellcheck", "", "run shellcheck over the commands too (cdlint[shellcheck])"),
                Option("--pedantic", "", "show advice (findings of level info) too"),
                Option(
                    "--fail-on",
                    "LEVEL",
                    "exit with 1 from this level on: error, warning (default) or info",
                    choices=SEVERITIES,
                ),
                Option("--exit-zero", "", "exit with 0 whatever is found"),
            ),
        ),
        (
            "report",
            (
                Option(
                    "--format",
                    "FORMAT",
                    "full (default), concise, json, jsonl, github, sarif, junit, gitlab or markdown",
                    choices=FORMATS,
                ),
                Option("--output", "FILE", "write the report to this file, whole or not at all"),
                Option(
                    "--report", "FORMAT=FILE", "write a further report of the same run to a file", many=True
                ),
                Option(
                    "--color",
                    "WHEN",
                    "auto (default; NO_COLOR and FORCE_COLOR count), always or never",
                    choices=("auto", "always", "never"),
                ),
                Option("--statistics", "", "count the findings of each rule"),
                Option("--quiet", "", "findings only: no summary, no notes"),
            ),
        ),
        (
            "fixes",
            (
                Option("--fix", "", "mend what can be mended safely; what is left is reported"),
                Option("--unsafe-fixes", "", "make the fixes too that may change the meaning"),
                Option("--diff", "", "show what the fixes would change; write nothing"),
            ),
        ),
        (
            "configuration",
            (
                Option("--config", "FILE", "use this file, not the nearest cdlint.toml"),
                Option("--no-config", "", "use no configuration file"),
            ),
        ),
    ),
    epilog="""\
examples:
  cdlint check                             everything in this repository
  cdlint check buildspec.yml ci/           one file and one folder
  cdlint check --image aws/codebuild/standard:7.0
  cdlint check --format sarif --output cdlint.sarif
  cdlint check --report junit=cdlint.xml   findings here, and a file for CI
  cdlint check --fix                       mend the files; `--diff` only shows how
  cat spec.yml | cdlint check - --stdin-filename spec.yml

exit codes:
  0  nothing at or above the level of --fail-on
  1  findings
  2  wrong usage or configuration, or a file that cannot be read

Settings can stand in cdlint.toml or under [tool.cdlint] in pyproject.toml.
`# cdlint: ignore[CODE]` at the end of a line, or on the line above, silences a rule there.
""",
)

_RULES = Command(
    "rules",
    "List all rules",
    groups=(("report", (Option("--format", "FORMAT", "text or json", choices=("text", "json")),)),),
)

_EXPLAIN = Command(
    "explain",
    "Explain a rule: why it matters, and what to write instead",
    operand=Operand("rule", "RULE", "a code or a name, such as CD102", 1, 1),
    groups=(
        (
            "report",
            (
                Option(
                    "--color",
                    "WHEN",
                    "auto (default), always or never",
                    choices=("auto", "always", "never"),
                ),
            ),
        ),
    ),
)

_SCHEMA = Command(
    "schema",
    "Print a JSON Schema, for editors and other tools",
    operand=Operand("name", "NAME", "which one; without it their names are listed", 0, 1),
)

_GRAPH = Command(
    "graph",
    "Draw pipelines",
    operand=Operand(
        "path",
        "PATH",
        "a file or a folder; `-` is standard input "
        "(default: the git repository around the current folder, or that folder)",
        0,
        1,
    ),
    groups=(
        (
            "what is drawn",
            (
                Option("--pipeline", "NAME", "only the pipeline of this name (default: all)"),
                Option("--variant", "N", "which outcome of the template's conditions (default: 1)"),
                Option("--variables", "", "draw namespaces and variables too"),
                Option(
                    "--kind",
                    "KIND",
                    "take the file for this kind",
                    choices=("pipeline", "template", "terraform"),
                ),
                Option("--stdin-filename", "NAME", "the name of what comes in through `-`"),
            ),
        ),
        (
            "picture",
            (
                Option(
                    "--format",
                    "FORMAT",
                    "mermaid, svg or html (default: by the name of --output, else mermaid)",
                    choices=("mermaid", "svg", "html"),
                ),
                Option("--output", "FILE", "write the picture to this file, whole or not at all"),
            ),
        ),
        (
            "configuration",
            (
                Option("--config", "FILE", "use this file, not the nearest cdlint.toml"),
                Option("--no-config", "", "use no configuration file"),
            ),
        ),
    ),
    epilog="""\
examples:
  cdlint graph                              the pipelines of this repository, as Mermaid
  cdlint graph pipeline.yml --output pipeline.svg
  cdlint graph infra/ --pipeline Release --output release.html
  aws codepipeline get-pipeline --name app | cdlint graph - --format svg > app.svg

exit codes:
  0  drawn
  1  there is no pipeline
  2  wrong usage or configuration, or a file that cannot be read

The pictures tell the findings of `cdlint check` at the actions and stages that have them. Mermaid in a file
that ends with .md is put into a block which GitHub and GitLab draw.
""",
)

_PACKAGE = Command(
    "package",
    "Zip the branch and upload it, which starts the pipeline",
    operand=Operand("folder", "FOLDER", "the repository (default: the one around the current folder)", 0, 1),
    groups=(
        (
            "where to (one of these)",
            (
                Option("--to", "URI", "s3://BUCKET/KEY.zip, the source of the pipeline"),
                Option("--pipeline", "NAME", "the bucket and key of this pipeline's S3 source action"),
                Option("--output", "FILE", "write the zip to this file and upload nothing"),
                Option("--action", "NAME", "which source action, if the pipeline has several"),
            ),
        ),
        (
            "when",
            (
                Option(
                    "--branch",
                    "NAME",
                    "only on this branch; a pattern such as `release/*` too (default: master and main)",
                    many=True,
                ),
                Option("--any-branch", "", "whatever the branch is, also in builds of pull requests"),
                Option("--no-check", "", "do not check the delivery files before"),
            ),
        ),
        (
            "what is packed",
            (
                Option("--ref", "REF", "the files of this commit, branch or tag (default: HEAD)"),
                Option("--working-tree", "", "the files as they lie in the folder, also those not committed"),
                Option("--include", "GLOB", "only these files", many=True),
                Option("--exclude", "GLOB", "not these files", many=True),
                Option(
                    "--git",
                    "DEPTH",
                    "the .git that goes along: shallow (default; one commit), full (its history) or none",
                    choices=GIT_DEPTHS,
                ),
                Option("--git-remote", "URL", "the only remote that the packed .git knows (default: none)"),
                Option(
                    "--compressor",
                    "NAME",
                    "auto (default: libdeflate if cdlint[fast] is installed, else zlib), libdeflate, zlib or store",
                    choices=COMPRESSORS,
                ),
                Option("--level", "N", "from 1 (fast) to 9 (small); default 5"),
                Option("--jobs", "N", "how many threads compress (default: one for each core)"),
            ),
        ),
        (
            "AWS",
            (
                Option("--region", "REGION", "the region of the bucket and the pipeline"),
                Option("--profile", "NAME", "the profile of the AWS configuration to use"),
                Option("--endpoint-url", "URL", "another address for S3 and CodePipeline"),
                Option(
                    "--sse",
                    "METHOD",
                    "encrypt the object with AES256 or aws:kms (default: as the bucket says)",
                    choices=("AES256", "aws:kms"),
                ),
                Option("--kms-key", "ID", "the KMS key for --sse aws:kms"),
                Option("--force", "", "upload even if the bucket has the same content already"),
            ),
        ),
        (
            "and then",
            (
                Option("--start", "", "start the pipeline with this very version (type V2)"),
                Option("--wait", "", "follow the execution to its end; exit with 3 if it fails"),
                Option("--timeout", "TIME", "how long to wait: 90s, 30m or 2h (default: 1h)"),
            ),
        ),
        (
            "report",
            (
                Option("--dry-run", "", "only say what would be done: nothing is written or uploaded"),
                Option("--json", "", "print what a script needs to know, as JSON"),
                Option("--report", "FILE", "write the same to a file, and tell the steps all the same"),
                Option("--quiet", "", "say only what went wrong"),
            ),
        ),
        (
            "configuration",
            (
                Option("--config", "FILE", "use this file, not the nearest cdlint.toml"),
                Option("--no-config", "", "use no configuration file"),
            ),
        ),
    ),
    epilog="""\
examples:
  cdlint package --to s3://shop-source/shop.zip
  cdlint package --pipeline shop --wait         find out where to, and see it through
  cdlint package --output shop.zip --git none   only the zip, without its .git

In CodeBuild and in GitHub Actions the branch is taken from their variables, elsewhere from git. Where the branch
is not among those of --branch, nothing is done and the exit code is 0.

exit codes:
  0  done; or the branch is none of those asked for
  1  errors in the delivery files that were to be packed (`cdlint check` tells them all)
  2  it could not be done
  3  the pipeline failed, or did not end in time (--wait)

Settings can stand under [package] in cdlint.toml or [tool.cdlint.package] in pyproject.toml: there each option
has its name without the hyphens in front.
""",
)

_INIT = Command(
    "init",
    "Add cdlint to a repository: hook, workflow, configuration",
    operand=Operand("folder", "FOLDER", "the repository (default: the one around the current folder)", 0, 1),
    groups=(
        (
            "what",
            (
                Option(
                    "--only",
                    "PIECE",
                    "only this: pre-commit, github, config, or pyproject (the configuration in pyproject.toml); "
                    "default: what fits of the first three",
                    choices=("pre-commit", "github", "config", "pyproject"),
                    many=True,
                ),
            ),
        ),
        (
            "how",
            (
                Option("--diff", "", "only show what would be written"),
                Option("--yes", "", "write without asking"),
                Option(
                    "--color",
                    "WHEN",
                    "auto (default), always or never",
                    choices=("auto", "always", "never"),
                ),
            ),
        ),
    ),
    epilog="""\
examples:
  cdlint init                       show what fits, and ask before each file is written
  cdlint init --diff                only show it
  cdlint init --only pre-commit --yes

What is there already is left as it is: a hook is added to .pre-commit-config.yaml without touching anything else in
it, and a file that would have to be replaced is not. A second run changes nothing. Without a terminal, and without
--yes, nothing is written.

exit codes:
  0  all of it is there now
  1  something was shown, but not written
  2  something cannot be done; a message says what
""",
)

_COMPLETION = Command(
    "completion",
    "Print what completes cdlint's commands in a shell",
    operand=Operand("shell", "SHELL", "bash, zsh or fish", 1, 1, choices=("bash", "zsh", "fish")),
    epilog="""\
examples:
  eval "$(cdlint completion bash)"            in ~/.bashrc
  eval "$(cdlint completion zsh)"             in ~/.zshrc, behind compinit
  cdlint completion fish >~/.config/fish/completions/cdlint.fish
""",
)

_LSP = Command(
    "lsp",
    "Serve an editor, by the Language Server Protocol",
    groups=(
        (
            "how",
            (Option("--stdio", "", "on standard input and output (the only way, so it need not be said)"),),
        ),
    ),
    epilog="""\
It needs cdlint[lsp]. An editor starts it by itself; docs/editors.md says how.
""",
)

COMMANDS = {
    command.name: command
    for command in (
        _CHECK,
        _PACKAGE,
        _GRAPH,
        _RULES,
        _EXPLAIN,
        _SCHEMA,
        _INIT,
        _LSP,
        _COMPLETION,
    )
}
