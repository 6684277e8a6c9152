"""Reading a form: what was typed is kept, what is wrong is said next to its field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from shared.web.complaints import Complaint, sentence_for
from shared.web.fields import (
    LONGEST_LINE,
    LONGEST_TEXT,
    Cents,
    Day,
    Email,
    Line,
    Phone,
    Text,
    TimeOfDay,
    clean,
    has_control_characters,
)
from shared.web.pages import language_of

__all__ = [
    "LONGEST_LINE",
    "LONGEST_TEXT",
    "Cents",
    "Complaint",
    "Day",
    "Email",
    "Form",
    "Line",
    "Phone",
    "Text",
    "TimeOfDay",
    "blank",
    "read_form",
]

M = TypeVar("M", bound=BaseModel)

MOST_LINES: Final = 100
_LINE_NAME: Final = re.compile(r"([a-z_]+)-(\d{1,4})-([a-z_]+)")


@dataclass
class Form(Generic[M]):
    """One filled-in form.

    `values` holds what was typed for every field of the model ("" if nothing); repeated lines both
    as a list of dicts under their field and flat as `costs-0-purpose`. `errors` maps the same names ("" for the form as a whole)
    to a sentence. `data` is the model once nothing is wrong.
    """

    data: M | None = None
    errors: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, list[UploadFile]] = field(default_factory=dict)

    def refuse(self, name: str, sentence: str) -> None:
        """Something only the endpoint could find out; the form then has no data any more."""
        self.errors.setdefault(name, str(sentence))
        self.data = None


def blank(values: BaseModel | Mapping[str, Any] | None = None) -> Form[Any]:
    """A form to be filled in, empty or with what is known already."""
    if isinstance(values, BaseModel):
        values = values.model_dump(mode="json", exclude_none=True)
    form: Form[Any] = Form(values=dict(values or {}))
    for name, lines in list(form.values.items()):
        if isinstance(lines, list) and all(isinstance(line, dict) for line in lines):
            form.values |= _flat(name, lines)
    return form


async def read_form(request: Request, model: type[M]) -> Form[M]:
    """Parse urlencoded or multipart fields into the model; never raises for what people type."""
    sent = await request.form()
    form: Form[M] = Form(files=_files(sent))
    typed = _typed(sent, model)
    form.values = typed | _flat_lines(typed, model)
    complaints = _unreadable(form.values, model)
    try:
        form.data = model.model_validate(_given(typed))
    except ValidationError as error:
        complaints = [*complaints, *_details(error)]
    lang = language_of(request)
    for name, kind, facts in complaints:
        form.errors.setdefault(name, sentence_for(kind, facts, lang))
    if form.errors:
        form.data = None
    return form


def _files(sent: FormData) -> dict[str, list[UploadFile]]:
    """Chosen files by field; a file field left empty sends one without a name."""
    files: dict[str, list[UploadFile]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            files.setdefault(name, []).append(value)
    return files


def _typed(sent: FormData, model: type[BaseModel]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if _line_model(info) is not None:
            typed[name] = _lines(sent, name)
        elif _is_list(info):
            typed[name] = [clean(v) for v in sent.getlist(name) if isinstance(v, str) and v]
        else:
            value = sent.get(name)
            typed[name] = clean(value) if isinstance(value, str) else ""
    return typed


def _lines(sent: FormData, field_name: str) -> list[dict[str, str]]:
    """`costs-0-purpose`, `costs-2-purpose` → two dicts, in order; lines left empty are dropped."""
    lines: dict[int, dict[str, str]] = {}
    for name, value in sent.multi_items():
        part = _LINE_NAME.fullmatch(name)
        if part and part[1] == field_name and isinstance(value, str):
            lines.setdefault(int(part[2]), {})[part[3]] = clean(value)
    filled = [line for _, line in sorted(lines.items()) if any(line.values())]
    return filled[: MOST_LINES + 1]


def _flat(name: str, lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{name}-{n}-{key}": v for n, line in enumerate(lines) for key, v in line.items()}


def _flat_lines(typed: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if _line_model(info) is not None:
            flat |= _flat(name, typed.get(name, []))
    return flat


def _given(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Without the fields left empty: those take the model's default, or are missing."""
    return {
        name: [_given(line) if isinstance(line, dict) else line for line in value]
        if isinstance(value, list)
        else value
        for name, value in typed.items()
        if value != ""
    }


Found = tuple[str, str, Mapping[str, Any]]


def _unreadable(values: Mapping[str, Any], model: type[BaseModel]) -> list[Found]:
    """Control characters anywhere, and more text than a field without its own limit takes."""
    found: list[Found] = []
    for name, value in values.items():
        for text in value if isinstance(value, list) else [value]:
            if not isinstance(text, str):
                continue
            if has_control_characters(text):
                found.append((name, "control_characters", {}))
            elif len(text) > (limit := _longest(name, model)):
                found.append((name, "string_too_long", {"max_length": limit}))
        if isinstance(value, list) and len(value) > MOST_LINES:
            found.append((name, "too_long", {"max_length": MOST_LINES}))
    return found


def _longest(name: str, model: type[BaseModel]) -> int:
    part = _LINE_NAME.fullmatch(name)
    info = model.model_fields.get(part[1] if part else name)
    if part and info and (line := _line_model(info)):
        info = line.model_fields.get(part[3])
    own = [limit for limit in _max_lengths(info) if limit is not None]
    return max(own, default=LONGEST_TEXT)


def _max_lengths(info: FieldInfo | None) -> list[int | None]:
    if info is None:
        return []
    marks: list[Any] = [*info.metadata]
    for part in get_args(info.annotation):
        marks += getattr(part, "__metadata__", ())
    return [getattr(mark, "max_length", None) for mark in marks]


def _details(error: ValidationError) -> list[Found]:
    return [
        ("-".join(str(part) for part in detail["loc"]), detail["type"], detail.get("ctx", {}))
        for detail in error.errors(include_url=False, include_input=False)
    ]


def _is_list(info: FieldInfo) -> bool:
    return get_origin(info.annotation) in (list, tuple, set, frozenset)


def _line_model(info: FieldInfo) -> type[BaseModel] | None:
    """The model of a repeated line, if the field is a list of models."""
    if get_origin(info.annotation) is not list:
        return None
    [item] = get_args(info.annotation)
    return item if isinstance(item, type) and issubclass(item, BaseModel) else None
