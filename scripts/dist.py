"""Build what is released into dist/: wheel, source distribution, bill of materials, checksums.

The same commit gives the same wheel and source distribution, byte for byte, on any day and in any folder: they are made
of what the commit holds, in an export of their own, and their times are those of the commit. The bill of materials
says which packages an environment with this wheel, and nothing else, has today.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout


def export(commit: str, folder: Path) -> None:
    """Put the files of a commit into an empty folder, all with the same modes."""
    archive = folder / "export.tar"
    run(["git", "archive", "--format=tar", f"--output={archive}", commit], ROOT)
    with tarfile.open(archive) as files:
        if sys.version_info >= (3, 12):
            files.extractall(folder, filter="data")
        else:
            files.extractall(folder)
    archive.unlink()
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def build(commit: str, out: Path) -> list[Path]:
    """The wheel and the source distribution of a commit."""
    seconds = run(["git", "log", "-1", "--format=%ct", commit], ROOT).strip()
    with tempfile.TemporaryDirectory(prefix="cdlint-dist-") as name:
        folder = Path(name)
        export(commit, folder)
        made = folder / "made"
        command = [sys.executable, "-m", "hatchling", "build", "-d", str(made)]
        run(command, folder, SOURCE_DATE_EPOCH=seconds, PYTHONHASHSEED="0", TZ="UTC")
        out.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy(path, out)) for path in sorted(made.iterdir())]


def bill_of_materials(wheel: Path, out: Path) -> Path:
    """What an environment with the wheel has, as CycloneDX."""
    version = wheel.name.split("-")[1]
    target = out / f"cdlint-{version}.cdx.json"
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="cdlint-sbom-") as name:
        venv = Path(name) / "venv"
        run([sys.executable, "-m", "venv", "--without-pip", str(venv)], out)
        python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
        run([*pip, "install", "--quiet", str(wheel.resolve())], out)
        command = [sys.executable, "-m", "cyclonedx_py", "environment", str(python), "--output-reproducible"]
        # The tool does not ask hatchling for the version.
        told = Path(name) / "pyproject.toml"
        told.write_text(project.replace('dynamic = ["version"]', f'version = "{version}"'), encoding="utf-8")
        command += ["--pyproject", str(told), "--output-format", "JSON"]
        command += ["--spec-version", "1.6", "--output-file", str(target)]
        run(command, out)
    bill = json.loads(target.read_text(encoding="utf-8"))
    # What it is the bill of: this very wheel.
    bill["metadata"]["component"]["purl"] = f"pkg:pypi/cdlint@{version}"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    bill["metadata"]["component"]["hashes"] = [{"alg": "SHA-256", "content": digest}]
    target.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return target


def checksums(files: list[Path], out: Path) -> Path:
    """What `sha256sum --check` reads."""
    target = out / "SHA256SUMS"
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(files)]
    target.write_text("".join(lines), encoding="ascii")
    return target


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commit", default="HEAD", help="what is built (default: HEAD)")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where to (default: dist)")
    parser.add_argument(
        "--no-sbom", action="store_true", help="no bill of materials, so that no network is needed"
    )
    options = parser.parse_args()
    out: Path = options.out.resolve()
    if out.exists():
        for path in (*out.glob("cdlint-*"), *out.glob("SHA256SUMS")):
            path.unlink()
    if options.commit == "HEAD" and run(["git", "status", "--porcelain"], ROOT):
        print(
            "scripts/dist.py: note: there are changes that are not committed, and they are not built",
            file=sys.stderr,
        )
    files = build(options.commit, out)
    if not options.no_sbom:
        (wheel,) = (path for path in files if path.suffix == ".whl")
        files.append(bill_of_materials(wheel, out))
    files.append(checksums(files, out))
    for path in files:
        print(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"scripts/dist.py: {' '.join(map(str, error.cmd[:4]))} … ended with {error.returncode}")
