"""The files of a repository on the disk, as the joins ask for them."""

from __future__ import annotations

import os

from .discovery import all_files
from .model.repository import Files
from .neighbours import read_bytes


class DiskFiles(Files):
    """The files below a folder of the disk. Paths that lead out of it are never there."""

    def __init__(self, root: str) -> None:
        super().__init__({})
        self.root = root
        self._names: set[str] | None = None
        self._inside = os.path.realpath(root)

    def _place(self, path: str) -> str | None:
        """Where a path of the repository is on the disk; None if that is outside of the repository."""
        place = os.path.join(self.root, path)
        real = os.path.realpath(place)
        return (
            place if real == self._inside or real.startswith(self._inside.rstrip(os.sep) + os.sep) else None
        )

    def has(self, path: str) -> bool:
        place = self._place(path)
        return place is not None and os.path.isfile(place)

    def has_folder(self, path: str) -> bool:
        place = self._place(path)
        return place is not None and os.path.isdir(place)

    def beside(self, folder: str) -> list[str]:
        place = self._place(folder)
        if place is None:
            return []
        try:
            with os.scandir(place) as found:
                return sorted(entry.name for entry in found if entry.is_file())
        except OSError:
            return []

    def is_anywhere(self, name: str) -> bool:
        if self._names is None:
            self._names = {path.rpartition("/")[2] for path in all_files(self.root)}
        return name in self._names

    def text(self, path: str) -> str | None:
        place = self._place(path)
        data = read_bytes(place) if place is not None else None
        if data is None:
            return None
        from .syntax.reading import decode

        return decode(data)[0]
