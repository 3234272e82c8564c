"""Configuration: which file counts, what it may say, and what is said about mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint import config as config_module
from cdlint.config import Config, ConfigError, Configs, Layer
from cdlint.config_file import KEYS, from_table, normal, unknown_rule

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "schemas" / "cdlint.schema.json").read_text(encoding="utf-8")
)


def layered(*layers: Layer) -> Config:
    config = Config("/project")
    config.layers = layers
    return config


# --- which rules --------------------------------------------------------------------------------


def test_without_settings_every_rule_is_wanted() -> None:
    config = Config()
    assert config.wants("CD101", "some-name", "buildspec.yml")
    assert config.severity_of("CD101", "some-name", "warning") == "warning"


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        (None, (), True),
        (("CD2",), (), False),
        (("CD1",), (), True),
        (("CD",), ("CD1",), False),
        (("CD1",), ("CD1",), False),
        (("CD101",), ("CD1",), True),
        (("some-name",), ("CD1",), True),
        (("CD1",), ("some-name",), False),
        (("some-name",), ("CD101",), False),
        ((), (), False),
        (None, ("other-name",), True),
    ],
)
def test_the_more_specific_entry_counts(
    select: tuple[str, ...] | None, ignore: tuple[str, ...], wanted: bool
) -> None:
    config = layered(Layer(select, ignore))
    assert config.wants("CD101", "some-name", "buildspec.yml") is wanted


def test_the_command_line_lies_over_the_file() -> None:
    file = Layer(("CD1",), ("CD102",))
    asked = layered(Layer(("CD102",)), file)
    assert asked.wants("CD102", "b", "x")
    assert not asked.wants("CD101", "a", "x")
    without = layered(Layer(None, ("CD101",)), file)
    assert not without.wants("CD101", "a", "x")
    assert without.wants("CD103", "c", "x")
    assert not without.wants("CD201", "d", "x")


def test_per_file_ignores_start_at_the_folder_of_the_configuration(tmp_path: Path) -> None:
    config = Config(str(tmp_path))
    config.per_file_ignores = (("ci/*.yml", ("CD1",)), ("legacy", ("some-name",)))
    assert not config.wants("CD101", "x", str(tmp_path / "ci" / "a.yml"))
    assert config.wants("CD201", "x", str(tmp_path / "ci" / "a.yml"))
    assert config.wants("CD101", "x", str(tmp_path / "a.yml"))
    assert not config.wants("CD999", "some-name", str(tmp_path / "deep" / "legacy" / "a.yml"))


def test_severity_by_code_and_by_name() -> None:
    config = Config()
    config.severity = {"CD101": "info", "some-name": "error", "CD103": "off"}
    assert config.severity_of("CD101", "x", "error") == "info"
    assert config.severity_of("CD102", "some-name", "info") == "error"
    assert not config.wants("CD103", "y", "z")


def test_advice_is_shown_when_asked_for() -> None:
    config = Config()
    assert config.shows("CD101", "a", "warning")
    assert not config.shows("CD101", "a", "info")
    config.layers = (Layer(("CD1",)),)
    assert not config.shows("CD101", "a", "info")
    config.layers = (Layer(("CD101",)),)
    assert config.shows("CD101", "a", "info")
    config.layers = ()
    config.fail_on = "info"
    assert config.shows("CD101", "a", "info")


# --- which file ---------------------------------------------------------------------------------


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_file_counts_alone(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.cdlint]\nimage = 'outer'\nshell = 'bash'\n")
    write(tmp_path / "a" / "cdlint.toml", "image = 'inner'\n")
    configs = Configs()
    assert configs.of(str(tmp_path / "buildspec.yml")).image == "outer"
    inner = configs.of(str(tmp_path / "a" / "b" / "c" / "buildspec.yml"))
    assert (inner.image, inner.shell) == ("inner", None)
    assert configs.of(str(tmp_path / "b" / "buildspec.yml")).shell == "bash"


def test_cdlint_toml_comes_before_pyproject_toml(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.cdlint]\nimage = 'pyproject'\n")
    write(tmp_path / "cdlint.toml", "image = 'own'\n")
    assert Configs().of(str(tmp_path / "x.yml")).image == "own"


def test_a_pyproject_that_says_nothing_to_cdlint_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "cdlint.toml", "image = 'outer'\n")
    write(tmp_path / "a" / "pyproject.toml", "[tool.other]\nx = 1\n")
    write(tmp_path / "b" / "pyproject.toml", "broken [ but not ours\n")
    configs = Configs()
    assert configs.of(str(tmp_path / "a" / "x.yml")).image == "outer"
    assert configs.of(str(tmp_path / "b" / "x.yml")).image == "outer"


def test_a_table_of_pyproject_alone_is_enough(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.cdlint.per-file-ignores]\n'a.yml' = ['CD091']\n")
    config = Configs().of(str(tmp_path / "x.yml"))
    assert config.per_file_ignores == (("a.yml", ("CD091",)),)


def test_each_folder_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "cdlint.toml", "")
    configs = Configs()
    configs.of(str(tmp_path / "x.yml"))
    looked: list[str] = []
    monkeypatch.setattr(config_module.os.path, "isfile", lambda path: looked.append(path) or False)
    configs.of(str(tmp_path / "y.yml"))
    assert looked == []
    configs.of(str(tmp_path / "new" / "y.yml"))
    assert looked == [str(tmp_path / "new" / n) for n in ("cdlint.toml", "pyproject.toml")]


def test_a_named_file_is_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "cdlint.toml", "image = 'near'\n")
    named = write(tmp_path / "elsewhere" / "other.toml", "image = 'named'\nexclude = ['a/*.yml']\n")
    monkeypatch.chdir(tmp_path)
    configs = Configs(str(named))
    assert configs.of("x.yml").image == "named"
    assert configs.of("a/x.yml").excludes("a/x.yml"), "paths start at the current folder"
    assert Configs(isolated=True).of("x.yml").image is None


def test_a_named_pyproject_must_have_the_table(tmp_path: Path) -> None:
    named = write(tmp_path / "pyproject.toml", "[project]\nname = 'x'\n")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: has no \[tool\.cdlint\] table"):
        Configs(str(named))


def test_a_missing_named_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: No such file"):
        Configs(str(tmp_path / "none.toml"))


def test_deep_folders_need_no_recursion() -> None:
    assert Configs().of("/".join(["d"] * 1500) + "/x.yml").image is None


def test_an_excluded_folder_stays_out_whatever_lies_in_it(tmp_path: Path) -> None:
    write(tmp_path / "cdlint.toml", "exclude = ['third-party', 'ci/*.gen.yml']\n")
    write(tmp_path / "third-party" / "cdlint.toml", "exclude = []\n")
    configs = Configs()

    def excludes(*parts: str) -> bool:
        path = str(tmp_path.joinpath(*parts))
        return configs.of(path).excludes(path)

    assert excludes("third-party", "buildspec.yml")
    assert excludes("a", "third-party", "b", "buildspec.yml")
    assert excludes("ci", "a.gen.yml")
    assert not excludes("ci", "a.yml")
    assert not excludes("x", "ci", "a.gen.yml")


def test_adjust_is_laid_over_every_configuration(tmp_path: Path) -> None:
    write(tmp_path / "cdlint.toml", "image = 'file'\n")

    def adjust(config: Config) -> None:
        config.image = "option"

    configs = Configs(adjust=adjust)
    assert configs.of(str(tmp_path / "x.yml")).image == "option"
    assert configs.of("/x.yml").image == "option"


# --- what it may say ----------------------------------------------------------------------------


def test_all_keys(tmp_path: Path) -> None:
    write(
        tmp_path / "cdlint.toml",
        """\
select = ["CD0", "unknown-suppression"]
ignore = ["cd090"]
exclude = ["vendor"]
image = "aws/codebuild/standard:7.0"
shell = "bash"
pedantic = true
fail-on = "error"

[per-file-ignores]
"*.yaml" = ["CD09"]

[severity]
Unknown-Suppression = "error"
CD090 = "off"
""",
    )
    config = Configs().of(str(tmp_path / "x.yml"))
    assert config.layers[0].select == ("CD0", "unknown-suppression")
    assert config.layers[0].ignore == ("CD090",)
    assert config.exclude == ("vendor",)
    assert config.image == "aws/codebuild/standard:7.0"
    assert config.shell == "bash"
    assert config.pedantic is True
    assert config.fail_on == "error"
    assert config.per_file_ignores == (("*.yaml", ("CD09",)),)
    assert config.severity == {"unknown-suppression": "error", "CD090": "off"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "selct is no setting of cdlint; did you mean select?"),
        ("per_file_ignores = {}", "did you mean per-file-ignores?"),
        ("colour = 1", "colour is no setting of cdlint; known keys: select, ignore"),
        ("select = 'CD101'", "select must be a list of strings, not 'CD101'"),
        ("select = [1]", "select must hold only strings that are not empty, not 1"),
        ("select = ['CD799']", "select: there is no rule 'CD799'; `cdlint rules` lists them"),
        ("ignore = ['unused-supression']", "did you mean unused-suppression?"),
        ("severity = {CD09 = 'error'}", "there is no rule 'CD09'; give one whole code"),
        ("severity = {CD090 = 'fatal'}", "severity.CD090 must be error, warning, info or off"),
        ("severity = {CD090 = 1}", "severity.CD090 must be error, warning, info or off, not 1"),
        ("severity = []", "severity must be a table, not []"),
        ("per-file-ignores = {'a' = 'CD090'}", "per-file-ignores.a must be a list of strings"),
        ("pedantic = 'yes'", "pedantic must be true or false, not 'yes'"),
        ("pedantic = 1", "pedantic must be true or false, not 1"),
        ("fail-on = 'never'", "fail-on must be error, warning or info, not 'never'"),
        ("fail-on = true", "fail-on must be error, warning or info, not true"),
        ("image = 7", "image must be a string that is not empty, not 7"),
        ("image = ''", "image must be a string that is not empty, not ''"),
        ("exclude = 'vendor'", "exclude must be a list of strings"),
        ("exclude = ['']", "exclude must hold only strings that are not empty"),
        ("select = [", "is not valid TOML: "),
        ("a = 1\na = 2", "is not valid TOML: "),
        ("x = " + "[" * 5000, "is not valid TOML: "),
    ],
)
def test_mistakes_are_one_line_that_names_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path / "cdlint.toml", text)
    with pytest.raises(ConfigError) as caught:
        Configs().of(str(tmp_path / "x.yml"))
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert message in said
    assert "\n" not in said


def test_mistakes_in_pyproject_name_the_whole_key(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.cdlint]\nimag = 'x'\n")
    with pytest.raises(ConfigError, match=r"tool\.cdlint\.imag is no .*; did you mean image\?"):
        Configs().of(str(tmp_path / "x.yml"))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "cdlint.toml").write_bytes(b"image = '\xff'\n")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        Configs().of(str(tmp_path / "x.yml"))


def test_tool_cdlint_that_is_no_table(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "tool.cdlint = 3\n")
    with pytest.raises(ConfigError, match=r"tool\.cdlint must be a table"):
        Configs().of(str(tmp_path / "x.yml"))


def test_normal_spelling() -> None:
    assert normal(["cd2", "CD101", "Bare-Name", "cd", "cdk-thing"]) == (
        "CD2",
        "CD101",
        "bare-name",
        "CD",
        "cdk-thing",
    )
    assert unknown_rule(["CD", "CD0", "CD090", "UNUSED-suppression"]) is None


# --- the published schema -----------------------------------------------------------------------


def test_the_schema_knows_the_same_keys() -> None:
    assert set(SCHEMA["properties"]) == set(KEYS)
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


_words = st.sampled_from(["CD0", "CD090", "CD091", "unused-suppression", "cd090"])
_odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=3),
    st.lists(st.integers(), max_size=2),
)
_lists = st.lists(_words, max_size=3)
_right: dict[str, st.SearchStrategy[Any]] = {
    "select": _lists,
    "ignore": _lists,
    "per-file-ignores": st.dictionaries(st.text("ab*/", min_size=1, max_size=4), _lists, max_size=2),
    "severity": st.dictionaries(
        st.sampled_from(["CD090", "unknown-suppression"]),
        st.sampled_from(["error", "warning", "info", "off"]),
        max_size=2,
    ),
    "exclude": st.lists(st.text("ab*/", min_size=1, max_size=4), max_size=2),
    "image": st.text(min_size=1, max_size=4),
    "shell": st.text(min_size=1, max_size=4),
    "pedantic": st.booleans(),
    "fail-on": st.sampled_from(["error", "warning", "info"]),
}
_tables = st.fixed_dictionaries(
    {},
    optional={
        **{key: st.one_of(right, right, right, _odd) for key, right in _right.items()},
        "other": _odd,
    },
)


@settings(max_examples=400, deadline=None)
@given(_tables)
def test_the_schema_and_the_reader_agree(table: dict[str, Any]) -> None:
    valid = jsonschema.Draft202012Validator(SCHEMA).is_valid(table)
    try:
        from_table(table, "cdlint.toml")
    except ConfigError:
        assert not valid
    else:
        assert valid
