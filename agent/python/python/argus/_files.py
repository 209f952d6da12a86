"""Which files of a folder are uploaded."""

import glob as globbing
import os

_SUFFIXES = (".png", ".jpg", ".jpeg", ".pdf", ".svg")


def chosen(path: "str | os.PathLike[str]", glob: str) -> "list[str]":
    """The files below ``path`` that match ``glob`` and are pictures or documents, in order."""
    path = os.fspath(path)
    if os.path.isfile(path):
        found = [path]
    elif os.path.isdir(path):
        found = globbing.glob(os.path.join(globbing.escape(path), glob), recursive=True)
        found = sorted(name for name in found if os.path.isfile(name))
    else:
        found = []
    return [name for name in found if name.lower().endswith(_SUFFIXES)]
