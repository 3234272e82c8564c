"""CD424–CD426: the image files as commands write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.engine import check_text
from cdlint.rules.written_images import evaluated

CODES = ("CD424", "CD425", "CD426")
LIST, DETAIL = "imagedefinitions.json", "imageDetail.json"


def codes(command: str) -> list[str]:
    block = "\n".join("        " + line for line in command.split("\n"))
    text = (
        f"version: 0.2\nphases:\n  build:\n    commands:\n      - |\n{block}\nartifacts:\n  files: [{LIST}]\n"
    )
    return [found.code for found in check_text(text, "buildspec.yml").findings if found.code in CODES]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (f"""printf '{{"name":"web","imageUri":"%s"}}' "$A:$B" > {LIST}""", "CD425"),
        (f"""printf '[{{"name":"web","image":"%s"}}]' "$A:$B" > {LIST}""", "CD425"),
        (f"""printf '[{{"name":"web","imageURI":"%s"}}]' "$A:$B" > {LIST}""", "CD425"),
        (f"""printf '[{{"imageUri":"%s"}}]' "$A:$B" > {LIST}""", "CD425"),
        (f"""printf '{{"imageUri":"%s"}}' "$A:$B" > {DETAIL}""", "CD425"),
        (f"""printf '[{{"ImageURI":"%s"}}]' "$A:$B" | tee {DETAIL}""", "CD425"),
        (f"""echo '[{{"name":"web","imageUri":"$A:$B"}}]' > {LIST}""", "CD426"),
        (f"""printf '[{{"name":"web","imageUri":"${{A}}"}}]' > {LIST}""", "CD426"),
        (
            f"""printf '[{{"name":"a","imageUri":"%s"}},{{"name":"b","imageUri":"%s"}}]' "$A" > {LIST}""",
            "CD426",
        ),
        (f"""printf '[{{"name":"a","imageUri":"%s"}}]' "$A" "$B" > {LIST}""", "CD426"),
        (f"""printf '[{{"name":"web","imageUri":"%s"}},]' "$A" > {LIST}""", "CD424"),
        (f"""echo "[{{"name":"web","imageUri":"$A:$B"}}]" > {LIST}""", "CD424"),
        (f"""jq -n --arg u "$A" '{{name:"web",imageUri:$u}}' > {LIST}""", "CD425"),
        (f"""jq -n --arg u "$A" '[{{name:"web",image:$u}}]' > {LIST}""", "CD425"),
        ("""printf '{"name":"web","imageUri":"%s"}' "$A" > build/images.json""", "CD425"),
    ],
)
def test_faults(command: str, code: str) -> None:
    assert codes(command) == [code]


@pytest.mark.parametrize(
    "command",
    [
        f"""printf '[{{"name":"web","imageUri":"%s"}}]' "$A:$B" > {LIST}""",
        f"""printf '[{{"name":"%s","imageUri":"%s"}}]\\n' web "$(cat uri)" > out/{LIST}""",
        f"""echo "[{{\\"name\\":\\"web\\",\\"imageUri\\":\\"$A:$B\\"}}]" > {LIST}""",
        f"""echo '[{{"name":"web","imageUri":"'"$A"'"}}]' > {LIST}""",
        f"""echo '[{{"name":"web","imageUri":"'$A'"}}]' | tee {LIST}""",
        f"""printf '{{"ImageURI":"%s"}}' "$A" > {DETAIL}""",
        f"""printf '%s' "$DEFINITIONS" > {LIST}""",
        f"""echo "$DEFINITIONS" > {LIST}""",
        f"""printf '[%s]' "$ENTRIES" > {LIST}""",
        f"""echo "[$FIRST,$SECOND]" > {LIST}""",
        f"""jq -n --arg u "$A" '[{{name:"web",imageUri:$u}}]' > {LIST}""",
        f"""jq '.[0].imageUri = env.A' template.json > {LIST}""",
        f"""./images.sh > {LIST}""",
        f"""sed "s/TAG/$A/" template.json > {LIST}""",
        f"""cat <<EOF > {LIST}\n[{{"name":"web","imageUri":"$A"}}]\nEOF""",
        """printf '{"imageUri":"%s"}' "$A" > notes.txt""",
        """echo '{"tag":"$A"}' > meta.json""",
    ],
)
def test_what_is_right_or_not_known(command: str) -> None:
    assert codes(command) == []


@given(st.text(alphabet="ab$\"'\\`(){}%s, :[]", max_size=30))
def test_any_word_is_evaluated(raw: str) -> None:
    assert isinstance(evaluated(raw), str)
