"""The languages of the pages: German texts are the keys, a catalogue each for the others."""

import gettext as standard
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

BINDING: Final = "de"
"""The language the texts are written in; every other one falls back to it, never to nothing."""

LOCALES: Final = {"en": "en_GB"}
"""Where Babel's locale is another than the page's language."""

FOLDER: Final = Path(__file__).parent / "locale"
_CATALOGUE: Final = "LC_MESSAGES/messages.po"


class Lazy(str):
    """A German text that is translated where it is shown; templates do that by themselves."""

    __slots__ = ()


def lazy(text: str) -> Lazy:
    """Marks a text outside a request: `{{ label }}` and `_(label)` say it in the reader's language."""
    return Lazy(text)


def _languages() -> dict[str, str]:
    """German, and every language with a catalogue, named in itself."""
    codes = [BINDING, *sorted(path.parent.parent.name for path in FOLDER.glob(f"*/{_CATALOGUE}"))]
    return {code: _own_name(code) for code in codes}


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_display_name() or code
    return name[:1].upper() + name[1:]


def direction(lang: str) -> str:
    """`rtl` or `ltr`: the `dir` of a page."""
    return Locale.parse(lang).text_direction


def locale_of(lang: str) -> str:
    """Babel's name for the page's language."""
    return LOCALES.get(lang, lang)


def translations(lang: str) -> standard.NullTranslations:
    """The catalogue of a language, read again when its file has changed."""
    path = FOLDER / lang / _CATALOGUE
    if lang not in LANGUAGES or lang == BINDING:
        return _GERMAN
    return _compiled(path, lang, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _compiled(path: Path, lang: str, _changed: int) -> standard.NullTranslations:
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=lang))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)


def install(environment: Environment) -> None:
    """`_`, `ngettext` and `{% trans %}` by the page's `lang`; a `lazy` text is translated when shown."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals |= {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext}
    environment.finalize = _finalize
    environment.globals |= {"languages": LANGUAGES, "in_language": _in_language}


@pass_context
def _gettext(context: Context, text: str, /, **facts: Any) -> str:
    return _filled(context, translations(_lang(context)).gettext(str(text)), facts)


@pass_context
def _ngettext(context: Context, one: str, many: str, n: int, /, **facts: Any) -> str:
    said = translations(_lang(context)).ngettext(str(one), str(many), n)
    facts.setdefault("num", n)
    return _filled(context, said, facts)


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    return _gettext(context, value) if isinstance(value, Lazy) else value


@pass_context
def _in_language(context: Context, lang: str) -> str:
    """The address of this very page in another language, with all it was asked for."""
    request = context.get("request")
    if request is None:
        return f"/?lang={lang}"
    asked = [pair for pair in request.query_params.multi_items() if pair[0] != "lang"]
    return f"{request.url.path}?{urlencode([*asked, ('lang', lang)])}"


def _filled(context: Context, said: str, facts: dict[str, Any]) -> str:
    """Facts are escaped, and translated if they are lazy themselves."""
    if not facts:
        return said.replace("%%", "%")
    spoken = {name: _finalize(context, value) for name, value in facts.items()}
    return Markup(said) % spoken if context.eval_ctx.autoescape else said % spoken  # noqa: S704 - ours


def _lang(context: Context) -> str:
    lang = context.get("lang", BINDING)
    return lang if isinstance(lang, str) else BINDING


_GERMAN: Final = standard.NullTranslations()
LANGUAGES: Final[dict[str, str]] = _languages()
"""What the switch offers: language code → its name in its own script."""
