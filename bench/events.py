"""Prints the seconds that PyYAML's C parser needs for the events of all buildspecs of a folder.

The floor of any checker that reads YAML with libyaml: the texts are in memory, nothing is done with
an event, and the start of Python and the import of PyYAML are not counted. The median of five.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

from yaml._yaml import CParser


def main() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(sys.argv[1]).glob("*/*.yml"))]
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        for text in texts:
            parser = CParser(text)
            while parser.check_event():
                parser.get_event()
        seconds.append(time.perf_counter() - start)
    print(median(seconds))


if __name__ == "__main__":
    main()
