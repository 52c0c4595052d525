"""Proves which packets can cross a cloud network, and why the others cannot.

    import pathproof
    network = pathproof.load("shop.ron")
    network.trace("ins-tom", "cdb-1", "tcp:3306").verdict

Every answer is the document of the command of the same name (``pathproof trace --format json``), as a mapping whose fields are
attributes, too. A file is loaded and compiled once, and again when it changes on the disk.
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterable, List, Optional, Union

from ._pathproof import Files as _Files

__all__ = ["Document", "Matrix", "Network", "PathproofError", "load"]
__version__ = "0.1.0"


class Document(Dict[str, Any]):
    """A JSON object whose fields are attributes, too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no field {name!r}; there are {', '.join(self)}") from None

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self]


class Matrix(Document):
    """Everybody to everybody: ``columns``, and ``rows`` with ``from`` and ``verdicts``."""

    def to_pandas(self) -> Any:
        """A DataFrame: who opens down, who is meant across; None where there is no pair."""
        import pandas

        index = pandas.Index([row["from"] for row in self["rows"]], name="from")
        cells = [row["verdicts"] for row in self["rows"]]
        return pandas.DataFrame(cells, index=index, columns=self["columns"], dtype=object)


class PathproofError(ValueError):
    """A question or a file that cannot be used. ``diagnostics`` says what is wrong; ``file`` and ``line`` where, of the first."""

    def __init__(self, diagnostics: List[Document]) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n".join(_told(one) for one in diagnostics))

    @property
    def code(self) -> Optional[str]:
        return self.diagnostics[0]["code"] if self.diagnostics else None

    @property
    def file(self) -> Optional[str]:
        return self.diagnostics[0]["file"] if self.diagnostics else None

    @property
    def line(self) -> Optional[int]:
        return self.diagnostics[0]["line"] if self.diagnostics else None


def _told(one: Document) -> str:
    place = f"{one.file}:{one.line}: " if one.file else ""
    return f"{place}{one.message} [{one.code}]" + (f" ({one.help})" if one.help else "")


class Network:
    """A scenario file that stays loaded."""

    def __init__(self, path: Union[str, "os.PathLike[str]"], lang: str = "en", budget: str = "5m,4M") -> None:
        self.path = os.fspath(path)
        self._files = _Files(self.path, lang, budget)

    def __repr__(self) -> str:
        return f"pathproof.load({self.path!r})"

    def _ask(self, command: str, fields: Dict[str, Any]) -> Document:
        given = {name: value for name, value in fields.items() if value is not None}
        answered, text = self._files.ask(command, json.dumps(given))
        document: Document = json.loads(text, object_hook=Document)
        if not answered:
            raise PathproofError(document.diagnostics)
        return document

    def trace(self, from_: str, to: str, service: str = "all", *, source_port: Union[str, int, None] = None,
              at: Optional[str] = None) -> Document:
        """One connection, hop by hop, there and back, with everything that blocks it."""
        return self._ask("trace", {"from": from_, "to": to, "service": service, "source_port": source_port, "at": at})

    def reach(self, from_: Optional[str] = None, to: Optional[str] = None, service: str = "all", *,
              source_port: Union[str, int, None] = None, at: Optional[str] = None) -> Document:
        """Exactly which packets work between two sets of ends, and what blocks the others; a side may be left out."""
        return self._ask("reach", {"from": from_, "to": to, "service": service, "source_port": source_port, "at": at})

    def matrix(self, by: str = "endpoint", service: str = "all", *, source_port: Union[str, int, None] = None,
               collapse: bool = False, at: Optional[str] = None) -> Matrix:
        """One verdict for every pair of endpoints, subnets, VPCs (``vpc``) or groups (``group``)."""
        fields = {"by": by, "service": service, "source_port": source_port, "collapse": collapse, "at": at}
        return Matrix(self._ask("matrix", fields))

    def whatif(self, changes: Union[str, Iterable[str]], *, intent: Optional[str] = None, reasons: bool = False,
               source_port: Union[str, int, None] = None, at: Optional[str] = None) -> Document:
        """What changes would open and close (``pieces``), and which promises they break (``broken``). Nothing is changed."""
        texts = [changes] if isinstance(changes, str) else list(changes)
        fields = {"changes": texts, "intent": intent, "reasons": reasons, "source_port": source_port, "at": at}
        return self._ask("whatif", fields)

    def fix(self, from_: str, to: str, service: str = "all", *, close: bool = False, limit: int = 3,
            source_port: Union[str, int, None] = None, at: Optional[str] = None) -> Document:
        """The smallest changes that open a connection, or close it."""
        fields = {"from": from_, "to": to, "service": service, "close": close, "limit": limit, "source_port": source_port, "at": at}
        return self._ask("fix", fields)

    def check(self) -> Document:
        """Which expectations of the file hold (``summary``, ``files``)."""
        return self._ask("check", {})

    def lint(self, *, at: Optional[str] = None) -> Document:
        """What is legal and still looks wrong."""
        return self._ask("lint", {"at": at})

    def links(self, *, vpc: Optional[str] = None, ip: Optional[str] = None, at: Optional[str] = None) -> Document:
        """The classic CVMs that are linked to VPCs."""
        return self._ask("links", {"vpc": vpc, "ip": ip, "at": at})

    def list(self, *only: str) -> Document:
        """What the file asks, and the ids in its network; only what has one of some words in it, if any are given."""
        return self._ask("list", {"only": [*only] or None})

    def explain(self, code: Optional[str] = None) -> Document:
        """What a code, a rule of the cloud, or a section or change of the format means."""
        return self._ask("explain", {"code": code})


def load(path: Union[str, "os.PathLike[str]"], *, lang: str = "en", budget: str = "5m,4M") -> Network:
    """Loads a scenario file.

    Raises PathproofError, with places, if it cannot be used.
    """
    network = Network(path, lang, budget)
    network.links()
    return network
