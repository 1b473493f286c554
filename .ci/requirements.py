"""Prints what pip has to install for an extra of this checkout: its dependencies, and what builds the package."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: What hatchling asks for when it builds an editable package.
_EDITABLE = "editables>=0.3"
_OWN = re.compile(r"primwidgets\[([\w,-]+)\]")


def of_extra(project: dict[str, Any], extra: str) -> Iterator[str]:
    """The requirements of ``extra``, with those of the package's other extras that it names."""
    for requirement in project["optional-dependencies"][extra]:
        own = _OWN.fullmatch(requirement)
        if own is None:
            yield requirement
        else:
            for name in own[1].split(","):
                yield from of_extra(project, name)


def main(extra: str) -> None:
    """Print one requirement a line, each once."""
    content = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    project, builders = content["project"], content["build-system"]["requires"]
    print(*sorted({_EDITABLE, *builders, *project["dependencies"], *of_extra(project, extra)}), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
