"""Many documents bound into one tagged file, written as they come: no run of letters is too long."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from xml.sax.saxutils import escape

from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from shared.print.objects import (
    File,
    Source,
    copied,
    dictionary,
    entries,
    mark_of,
    name,
    ref,
    refs,
    sheaf,
    stream,
)

METADATA: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{dated}</xmp:CreateDate><pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""

BROKEN: Final = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading a file that is no sound PDF can end with."""


class Unbindable(Exception):
    """No PDF, or one that is locked or broken."""


def bindable(pdf: bytes) -> bool:
    """Whether `Binder.add` will take it to its last object: a run is not to break off in the middle."""
    try:
        Binder(title="", language="", dated=date.min).add(pdf)
    except (Unbindable, *BROKEN):
        return False
    return True


class Binder:
    """One file of many; in memory are the document being added, and a few numbers for each before.

    `add` each, `take` what is written so far, and at the end what `close` returns. The documents
    keep their structure: their trees, the parents of marked content and the ids of table heads
    are joined to one. It is PDF/UA if they are; for an archive keep them one by one.
    """

    def __init__(self, *, title: str, language: str, dated: date) -> None:
        self.title, self.language, self.dated = title, language, dated
        self.pages = 0
        self.file = File()
        self.root, self.whole, self._sheets = (self.file.number() for _ in range(3))
        self._documents: list[int] = []
        self.kids: list[int] = []
        self.parents: list[int] = []
        self.ids: list[int] = []
        self.roles: dict[str, str] = {}
        self.marked = 0
        self.known: dict[bytes, int] = {}

    def add(self, pdf: bytes, *, own_sheet: bool = False) -> int:
        """Append it, on a new sheet of paper if asked; how many pages it has. Raises Unbindable."""
        try:
            source = Source(pdf)
        except BROKEN as error:
            raise Unbindable(str(error)) from error
        if own_sheet and self.pages % 2:
            self._leave_the_back_empty(source.size)
        node = self.file.number()
        pages = _Joined(self, source, node, len(self._documents)).pages
        self._sheaf(node, pages)
        return len(pages)

    def take(self) -> bytes:
        """What was written since the last time."""
        return self.file.take()

    def close(self) -> bytes:
        """The rest of the file."""
        file, tree = self.file, self.file.number()
        file.write(self._sheets, sheaf(None, refs(self._documents), self.pages))
        whole = {"/Type": name("/StructElem"), "/S": name("/Document"), "/P": ref(tree)}
        file.write(self.whole, dictionary(whole | {"/K": refs(self.kids)}))
        file.write(tree, self._structure())
        said = METADATA.format(
            title=escape(self.title), language=self.language, dated=self.dated.isoformat()
        )
        xml = {"/Type": name("/Metadata"), "/Subtype": name("/XML")}
        file.write(described := file.number(), stream(said.encode(), xml))
        file.write(info := file.number(), dictionary({"/Title": TextStringObject(self.title)}))
        catalogue = {
            "/Type": name("/Catalog"),
            "/Pages": ref(self._sheets),
            "/StructTreeRoot": ref(tree),
            "/Metadata": ref(described),
            "/Lang": TextStringObject(self.language),
            "/MarkInfo": dictionary({"/Marked": BooleanObject(True)}),
            "/ViewerPreferences": dictionary({"/DisplayDocTitle": BooleanObject(True)}),
        }
        file.write(self.root, dictionary(catalogue))
        file.close(root=self.root, info=info)
        return self.take()

    def _structure(self) -> DictionaryObject:
        """The one root above all of theirs."""
        tree = {
            "/Type": name("/StructTreeRoot"),
            "/K": refs([self.whole]),
            "/RoleMap": dictionary({key: name(role) for key, role in self.roles.items()}),
            "/ParentTree": dictionary({"/Kids": refs(self.parents)}),
            "/ParentTreeNextKey": NumberObject(self.marked),
        }
        return dictionary(
            tree | ({"/IDTree": dictionary({"/Kids": refs(self.ids)})} if self.ids else {})
        )

    def _leave_the_back_empty(self, size: ArrayObject) -> None:
        node, page = self.file.number(), self.file.number()
        empty = {"/Type": name("/Page"), "/Parent": ref(node), "/MediaBox": size}
        self.file.write(page, dictionary(empty | {"/Resources": DictionaryObject()}))
        self._sheaf(node, [page])

    def _sheaf(self, node: int, pages: list[int]) -> None:
        self.file.write(node, sheaf(self._sheets, refs(pages), len(pages)))
        self._documents.append(node)
        self.pages += len(pages)


class _Joined:
    """A document on its way in: its objects get numbers of the whole file, and are written."""

    def __init__(self, binder: Binder, source: Source, node: int, number: int) -> None:
        self.binder, self.node, self.tree = binder, node, source.tree
        self.base, self.prefix = binder.marked, f"{number:06d} ".encode()
        self._numbers: dict[int, int] = {}
        self._waiting: list[tuple[int, Any]] = []
        root = getattr(source.tree, "indirect_reference", None)
        if root is not None:
            self._numbers[root.idnum] = binder.whole
        self.pages = [self._reference(page.indirect_reference).idnum for page in source.pages]
        self._join(source.language)
        while self._waiting:
            number, value = self._waiting.pop()
            binder.file.write(number, self._converted(value))

    def _join(self, language: str) -> None:
        """What the structure's root holds goes to the file's own."""
        binder, tree = self.binder, self.tree
        kids = tree.get("/K", ArrayObject()).get_object()
        for kid in kids if isinstance(kids, ArrayObject) else [tree.raw_get("/K")]:
            element = kid.get_object()
            if element["/S"] == "/Document":
                element[NameObject("/S")] = name("/Part")
            if language and "/Lang" not in element:
                element[NameObject("/Lang")] = TextStringObject(language)
            binder.kids.append(self._reference(kid).idnum)
        for role, known in tree.get("/RoleMap", DictionaryObject()).get_object().items():
            binder.roles.setdefault(role, known)
        self._leaf(binder.parents, "/Nums", entries(tree.get("/ParentTree"), "/Nums"))
        self._leaf(binder.ids, "/Names", entries(tree.get("/IDTree"), "/Names"))
        binder.marked = self.base + int(tree.get("/ParentTreeNextKey", 0))

    def _leaf(self, leaves: list[int], kind: str, found: Iterator[tuple[Any, Any]]) -> None:
        """This document's part of a number or name tree; parts come in the order of their keys."""
        rows = [(self._key(key), self._converted(value)) for key, value in found]
        if rows:
            rows.sort(key=lambda row: row[0])
            leaf = {
                "/Limits": ArrayObject([rows[0][0], rows[-1][0]]),
                kind: ArrayObject(part for row in rows for part in row),
            }
            leaves.append(number := self.binder.file.number())
            self.binder.file.write(number, dictionary(leaf))

    def _key(self, key: Any) -> Any:
        """Unlike every other document's."""
        if isinstance(key, int):
            return NumberObject(key + self.base)
        raw = getattr(key, "original_bytes", key)
        return ByteStringObject(self.prefix + raw)

    def _converted(self, value: Any) -> Any:
        """The same with every reference in the file's own numbers."""
        if isinstance(value, IndirectObject):
            return self._reference(value)
        if isinstance(value, ArrayObject):
            return ArrayObject(map(self._converted, value))
        if not isinstance(value, DictionaryObject):
            return value
        made = copied(value) if isinstance(value, StreamObject) else DictionaryObject()
        for key in value:
            made[NameObject(key)] = self._entry(value, key)
        return made

    def _entry(self, holder: DictionaryObject, key: str) -> Any:
        raw = holder.raw_get(key)
        if key == "/Parent" and holder.get("/Type") == "/Page":
            return ref(self.node)
        if key in {"/StructParent", "/StructParents"}:
            return NumberObject(int(raw) + self.base)
        if key == "/ID" and "/S" in holder:
            return self._key(raw)
        if key == "/Headers":
            return ArrayObject(map(self._key, raw.get_object()))
        return self._converted(raw)

    def _reference(self, to: Any) -> IndirectObject:
        known = self._numbers.get(to.idnum)
        return ref(self._assigned(to, to.get_object()) if known is None else known)

    def _assigned(self, to: IndirectObject, value: Any) -> int:
        """A number of its own, or that of the same stream in a document before."""
        mark, known = mark_of(value), self.binder.known
        if mark is not None and mark in known:
            self._numbers[to.idnum] = known[mark]
            return known[mark]
        number = self._numbers[to.idnum] = self.binder.file.number()
        if mark is not None:
            known[mark] = number
        self._waiting.append((number, value))
        return number
