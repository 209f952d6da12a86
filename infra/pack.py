"""Packs a bootstrap again so that the same binary makes the same bytes: pack.py ZIP BINARY

The zip is rewritten in place, with a fixed time and mode; BINARY gets what is inside.
"""

import sys
import zipfile
from pathlib import Path

zipped, binary = Path(sys.argv[1]), Path(sys.argv[2])
with zipfile.ZipFile(zipped) as found:
    content = found.read("bootstrap")
binary.write_bytes(content)
entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
entry.compress_type = zipfile.ZIP_DEFLATED
entry.create_system = 3
entry.external_attr = 0o100755 << 16
with zipfile.ZipFile(zipped, "w") as packed:
    packed.writestr(entry, content, compresslevel=9)
