"""Takes the pictures of docs/images/ with a real browser: what cdlint prints, and a page of `cdlint graph`.

python scripts/screenshots.py [BROWSER]     a Chromium; the default is the first that is found on PATH

The terminal is an HTML page with the very characters and colours that cdlint prints.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_COLORS = {"1": "bold", "31": "red", "32": "green", "33": "yellow", "34": "blue", "36": "cyan", "2": "dim"}
_STYLE = """
body { margin: 0; background: #f3f1ee; font: 15px/1.45 'DejaVu Sans Mono', monospace; }
.window { margin: 22px; border-radius: 10px; overflow: hidden; background: #16181d; color: #d8dee9;
  box-shadow: 0 8px 28px rgba(0, 0, 0, .35); }
.bar { height: 34px; background: #24272e; display: flex; align-items: center; gap: 8px; padding-left: 14px; }
.bar i { width: 12px; height: 12px; border-radius: 50%; background: #4b505b; }
pre { margin: 0; padding: 16px 20px 20px; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
.bold { font-weight: bold; color: #fff } .red { color: #ff7b72 } .green { color: #7ee787 } .yellow { color: #f2cc60 }
.blue { color: #79c0ff } .cyan { color: #76e3ea } .dim { color: #8b949e }
"""


def colored(text: str) -> str:
    """Text with ANSI colours as HTML."""
    parts: list[str] = []
    opened = 0
    for piece in re.split(r"(\x1b\[[\d;]*m)", text):
        if not piece.startswith("\x1b["):
            parts.append(html.escape(piece))
            continue
        parts.append("</span>" * opened)
        opened = 0
        names = [_COLORS[code] for code in piece[2:-1].split(";") if code in _COLORS]
        if names:
            parts.append(f'<span class="{" ".join(names)}">')
            opened = 1
    return "".join(parts) + "</span>" * opened


def terminal(command: str, lines: int) -> str:
    """A page that shows a command and the first lines of what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "cdlint", *command.split()[1:], "--color", "always"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout.rstrip("\n").split("\n")
    text = "\n".join(told[:lines] + (["\x1b[2m…\x1b[0m", "", told[-1]] if len(told) > lines else []))
    shown = f'<span class="green">$</span> <span class="bold">{html.escape(command)}</span>\n{colored(text)}'
    bar = '<div class="bar"><i></i><i></i><i></i></div>'
    return f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><div class=window>{bar}<pre>{shown}</pre></div>"


def photograph(browser: str, page: Path, image: Path, width: int, height: int, dark: bool = False) -> None:
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += ["--hide-scrollbars", "--force-device-scale-factor=1.5", f"--user-data-dir={profile}"]
        command += [f"--window-size={width},{height}", f"--screenshot={image}"]
        command += ["--blink-settings=preferredColorScheme=0"] if dark else []
        subprocess.run([*command, page.as_uri()], check=True, capture_output=True)
    smaller(image)


def smaller(image: Path) -> None:
    """Fewer bytes for the same picture, if Pillow is there."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(image) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(image, optimize=True)


def main() -> None:
    found = sys.argv[1] if len(sys.argv) > 1 else next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("scripts/screenshots.py: no Chromium here; give its path")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = folder / "check.html"
        page.write_text(
            terminal("cdlint check fixtures/article/integrate.buildspec.yml", 30), encoding="utf-8"
        )
        photograph(found, page, IMAGES / "check.png", 1060, 965)
        graph = folder / "graph.html"
        command = [sys.executable, "-m", "cdlint", "graph", "examples/article", "--output", str(graph)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        photograph(found, graph, IMAGES / "graph.png", 620, 800)


if __name__ == "__main__":
    main()
