# SPDX-License-Identifier: Apache-2.0
"""Whether an object's memory is known byte for byte, from reflection alone.

A type is *complete* if its reflected fields, and the padding that their alignment explains, fill
all its bytes, and those of its ancestors do: then another language can hold it by value. Otherwise
it is *opaque*, for one of the reasons below.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Literal, Optional

from .utils import NamedTypeSchema, ObjectInfo

OBJECT_HEADER_ALIGNMENT = 8

OpaqueReason = Literal[
    "no-mirror",
    "layout-unknown",
    "parent-opaque",
    "field-overlap",
    "uncovered-bytes",
    "unrenderable-field",
    "by-directive",
]
# Why a type is opaque, and the words for it; None if it is not.
_Objection = Optional[tuple[OpaqueReason, str]]


@dataclass(frozen=True)
class ByteRange:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"[{self.start}, {self.end})"

    def to_json_obj(self) -> list[int]:
        """Return the pair as JSON writes it."""
        return [self.start, self.end]


@dataclass(frozen=True)
class FieldBytes:
    """Where a field is, in bytes from the start of the object header."""

    name: str
    offset: int
    size: int
    alignment: int

    @property
    def end(self) -> int:
        """The first byte after the field."""
        return self.offset + self.size

    def to_json_obj(self) -> dict[str, Any]:
        """Return the field as JSON writes it."""
        return {
            "name": self.name,
            "offset": self.offset,
            "size": self.size,
            "alignment": self.alignment,
        }


@dataclass
class Verdict:
    """What was found out about a type, with the evidence."""

    type_key: str
    verdict: Literal["complete", "opaque"]
    reason: OpaqueReason | None
    detail: str
    parent_type_key: str | None
    ancestors: list[str]
    total_size: int | None
    is_final: bool | None
    alignment: int | None = None
    own_bytes: ByteRange | None = None
    fields: list[FieldBytes] = field(default_factory=list)  # by offset
    uncovered: list[ByteRange] = field(default_factory=list)
    padding: list[ByteRange] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether the type can be held by value."""
        return self.verdict == "complete"

    def to_json_obj(self) -> dict[str, Any]:
        """Return the verdict as JSON writes it."""
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "detail": self.detail,
            "parent": self.parent_type_key,
            "ancestors": self.ancestors,
            "total_size": self.total_size,
            "is_final": self.is_final,
            "own_bytes": self.own_bytes.to_json_obj() if self.own_bytes else None,
            "fields": [part.to_json_obj() for part in self.fields],
            "uncovered": [part.to_json_obj() for part in self.uncovered],
            "padding": [part.to_json_obj() for part in self.padding],
        }


def classify(
    infos: Mapping[str, ObjectInfo],
    *,
    forced_opaque: AbstractSet[str] = frozenset(),
    unmirrored: AbstractSet[str] = frozenset(),
    field_renderable: Callable[[NamedTypeSchema], bool] | None = None,
) -> dict[str, Verdict]:
    """Judge types, given with all their ancestors.

    A target can object: to keys in `forced_opaque` although they are known, to those in
    `unmirrored` whatever they are, and to fields that it has no type for.
    """
    verdicts: dict[str, Verdict] = {}
    for key in sorted(infos, key=lambda key: (len(infos[key].ancestors), key)):
        info = infos[key]
        for ancestor in info.ancestors:
            if ancestor not in infos:
                raise KeyError(f"Ancestor '{ancestor}' is not among the types to classify")
        parent = verdicts[info.parent_type_key] if info.parent_type_key is not None else None
        verdict = _unjudged(key, info)
        objection = _layout_objection(info, parent, verdict, unmirrored)
        if objection is None:
            objection = _target_objection(info, forced_opaque, field_renderable)
        if objection is not None:
            verdict.verdict = "opaque"
            verdict.reason, verdict.detail = objection
        verdicts[key] = verdict
    return {key: verdicts[key] for key in infos}


def _unjudged(key: str, info: ObjectInfo) -> Verdict:
    return Verdict(
        key,
        "complete",
        None,
        "",
        info.parent_type_key,
        list(info.ancestors),
        info.total_size,
        info.is_final,
    )


def _layout_objection(
    info: ObjectInfo, parent: Verdict | None, verdict: Verdict, unmirrored: AbstractSet[str]
) -> _Objection:
    if verdict.type_key in unmirrored:
        return "no-mirror", "its bytes are owned by the target's runtime and never mirrored"
    total = info.total_size
    if total is None:
        return "layout-unknown", "no metadata of its own: total_size is unknown"
    for part in info.fields:
        if part.size is None or part.alignment is None or part.offset is None:
            return "layout-unknown", f"field '{part.name}' carries no native layout facts"
        verdict.fields.append(FieldBytes(part.name, part.offset, part.size, part.alignment))
    verdict.fields.sort(key=lambda part: part.offset)
    if parent is None:
        verdict.alignment = OBJECT_HEADER_ALIGNMENT
        verdict.own_bytes = ByteRange(total, total)
        verdict.detail = f"object header [0, {total}): owned by the C ABI"
        return None
    if not parent.is_complete:
        return "parent-opaque", f"parent '{parent.type_key}' is opaque ({parent.reason})"
    assert parent.total_size is not None and parent.alignment is not None
    verdict.own_bytes = ByteRange(parent.total_size, total)
    verdict.alignment = max([parent.alignment, *(part.alignment for part in verdict.fields)])
    return _fill(verdict, verdict.own_bytes, verdict.alignment)


def _fill(verdict: Verdict, own: ByteRange, alignment: int) -> _Objection:
    """Lay the fields out one after another; records gaps, and objects to what does not fit."""
    cursor = own.start
    for part in verdict.fields:
        where = ByteRange(part.offset, part.end)
        if part.offset < cursor:
            return "field-overlap", f"field '{part.name}' at {where} starts before byte {cursor}"
        _record_gap(verdict, cursor, align_up(cursor, part.alignment), part.offset)
        cursor = part.end
    if cursor > own.end:
        return (
            "field-overlap",
            f"fields extend to byte {cursor}, past total_size {own.end}",
        )
    _record_gap(verdict, cursor, align_up(cursor, alignment), own.end)
    if verdict.uncovered:
        gaps = ", ".join(map(str, verdict.uncovered))
        return "uncovered-bytes", f"bytes {gaps} of {own} are not accounted for by reflected fields"
    verdict.detail = f"reflected fields fill {own} exactly"
    if verdict.padding:
        verdict.detail += f" (alignment padding {', '.join(map(str, verdict.padding))})"
    return None


def _record_gap(verdict: Verdict, cursor: int, expected: int, actual: int) -> None:
    if actual > cursor:
        gaps = verdict.padding if actual == expected else verdict.uncovered
        gaps.append(ByteRange(cursor, actual))


def _target_objection(
    info: ObjectInfo,
    forced_opaque: AbstractSet[str],
    field_renderable: Callable[[NamedTypeSchema], bool] | None,
) -> _Objection:
    for part in info.fields if field_renderable is not None else ():
        if field_renderable is not None and not field_renderable(part):
            return "unrenderable-field", f"field '{part.name}' ({part!r}) has no native mirror"
    if info.type_key in forced_opaque:
        return "by-directive", "vetoed by directive although the layout is reproducible"
    return None


def align_up(value: int, alignment: int) -> int:
    """Round up to a multiple of `alignment`."""
    return (value + alignment - 1) // alignment * alignment


def coverage_report(verdicts: Mapping[str, Verdict]) -> dict[str, Any]:
    """Return all verdicts, by type key, as JSON writes them."""
    return {key: verdicts[key].to_json_obj() for key in sorted(verdicts)}


def write_coverage_report(path: Path, verdicts: Mapping[str, Verdict]) -> None:
    """Write `coverage_report` to a file."""
    path.write_text(json.dumps(coverage_report(verdicts), indent=2) + "\n", encoding="utf-8")
