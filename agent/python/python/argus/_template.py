"""Variables in texts."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Any


def sub_env(template: str, **extra: "Any") -> str:
    """Replaces ``${NAME}`` and ``$NAME`` by ``extra``, then by the environment.

    Unknown names stay as they are.
    """
    if not isinstance(template, str):
        return template
    import re

    def value(found: "re.Match[str]") -> str:
        name = found[1] if found[1] is not None else found[2]
        return str(extra.get(name, os.environ.get(name, found[0])))

    # An opening brace without its end stays, with everything after it.
    cut = len(template)
    for opened in re.finditer(r"\$\{", template):
        if "}" not in template[opened.end() :]:
            cut = opened.start()
            break
    pattern = r"\$(?:\{([^}]*)\}|(\w+))"
    return re.sub(pattern, value, template[:cut]) + template[cut:]
