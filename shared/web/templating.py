"""The templates of one service: its own pages, the shell they stand in, the reader's language."""

from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from shared.web import formats, i18n
from shared.web.assets import static_url

SHELL: Final = Path(__file__).parent / "templates"


def environment(folder: Path) -> Environment:
    """Own templates first, then the shell's; escapes everything, and a missing value is an error."""
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(SHELL)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    i18n.install(env)
    formats.install(env)
    env.globals["static"] = static_url
    return env
