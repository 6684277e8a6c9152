"""The parts a PDF file consists of, read and written one by one."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
)

HEAD: Final = b"%PDF-1.7\n%\x80\x80\x80\x80\n"
ONCE: Final = 512
"""Bytes from which a stream that occurs again is written once: logos, colour profiles, fonts."""


class Source:
    """A document to be read, found to be open and whole; raises what pypdf does, and ValueError."""

    def __init__(self, pdf: bytes) -> None:
        reader = PdfReader(BytesIO(pdf), strict=True)
        if reader.is_encrypted:
            raise ValueError("locked")
        catalogue: Any = reader.trailer["/Root"].get_object()
        self.pages = list(reader.pages)
        if not self.pages:
            raise ValueError("without pages")
        self.size: Any = self.pages[0]["/MediaBox"]
        self.language = str(catalogue.get("/Lang", ""))
        self.tree: Any = catalogue.get("/StructTreeRoot", DictionaryObject()).get_object()


class File:
    """A file that is written as its objects come; kept are the places where each of them begins."""

    def __init__(self) -> None:
        self._out, self._at = bytearray(HEAD), len(HEAD)
        self._offsets = array("Q", [0])

    def number(self) -> int:
        """Of an object that will be written."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def write(self, number: int, value: Any) -> None:
        self._offsets[number] = self._at
        self._put(f"{number} 0 obj\n".encode() + serialized(value) + b"\nendobj\n")

    def take(self) -> bytes:
        """What was written since the last time."""
        written, self._out = bytes(self._out), bytearray()
        return written

    def close(self, *, root: int, info: int) -> None:
        """The table of all objects, and where the file begins."""
        start, size = self._at, len(self._offsets)
        self._put(f"xref\n0 {size}\n0000000000 65535 f \n".encode())
        for at in self._offsets[1:]:
            self._put(f"{at:010d} 00000 n \n".encode())
        mark = hashlib.sha256(self._offsets.tobytes()).hexdigest()[:32]
        self._put(
            f"trailer\n<< /Size {size} /Root {root} 0 R /Info {info} 0 R"
            f" /ID [<{mark}> <{mark}>] >>\nstartxref\n{start}\n%%EOF\n".encode()
        )

    def _put(self, content: bytes) -> None:
        self._out += content
        self._at += len(content)


def ref(number: int) -> IndirectObject:
    return IndirectObject(number, 0, None)


def refs(numbers: Iterable[int]) -> ArrayObject:
    return ArrayObject(map(ref, numbers))


def name(said: str) -> NameObject:
    return NameObject(said)


def dictionary(entries: dict[str, Any]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value for key, value in entries.items()})


def sheaf(parent: int | None, kids: ArrayObject, count: int) -> DictionaryObject:
    """A node of the tree of pages."""
    entries = {"/Type": name("/Pages"), "/Kids": kids, "/Count": NumberObject(count)}
    return dictionary(entries | ({"/Parent": ref(parent)} if parent else {}))


def stream(content: bytes, entries: dict[str, Any]) -> StreamObject:
    made = StreamObject()
    made.set_data(content)
    made.update(dictionary(entries))
    return made


def stored(value: StreamObject) -> bytes:
    """As it stands in the file, whatever its filters."""
    content: bytes = value._data  # noqa: SLF001 - pypdf has no public name for it
    return content


def copied(value: StreamObject) -> StreamObject:
    """The same content without its dictionary."""
    made = type(value)()
    made._data = value._data  # noqa: SLF001 - as above
    return made


def mark_of(value: Any) -> bytes | None:
    """What a large stream that refers to nothing is known by; None for everything else."""
    if not isinstance(value, StreamObject) or len(stored(value)) < ONCE:
        return None
    if any(_refers(value.raw_get(key)) for key in value):
        return None
    return hashlib.sha256(serialized(value)).digest()


def entries(tree: Any, leaf: str) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a number or name tree, whatever its shape."""
    tree = tree.get_object() if tree is not None else DictionaryObject()
    for kid in tree.get("/Kids", ArrayObject()).get_object():
        yield from entries(kid, leaf)
    flat = list(tree.get(leaf, ArrayObject()).get_object())
    yield from zip(flat[::2], flat[1::2], strict=True)


def serialized(value: Any) -> bytes:
    made = BytesIO()
    value.write_to_stream(made)
    return made.getvalue()


def _refers(value: Any) -> bool:
    if isinstance(value, DictionaryObject):
        return any(_refers(value.raw_get(key)) for key in value)
    return isinstance(value, IndirectObject) or (
        isinstance(value, ArrayObject) and any(map(_refers, value))
    )
