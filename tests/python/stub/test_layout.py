# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvm_ffi import testing
from tvm_ffi.core import TypeSchema
from tvm_ffi.stub.layout import (
    OBJECT_HEADER_ALIGNMENT,
    ByteRange,
    FieldBytes,
    Verdict,
    align_up,
    classify,
    coverage_report,
    write_coverage_report,
)
from tvm_ffi.stub.lib_state import object_info_from_type_key
from tvm_ffi.stub.utils import NamedTypeSchema, ObjectInfo

INT = TypeSchema("int")
HEADER = ObjectInfo([], [], type_key="ffi.Object", total_size=24)

assert testing  # its library registers the types below


def field(name: str, offset: int, size: int = 8, alignment: int = 8) -> NamedTypeSchema:
    return NamedTypeSchema(name, INT, size=size, alignment=alignment, offset=offset)


def type_(
    key: str, total: int | None, *fields: NamedTypeSchema, parent: Any = HEADER
) -> ObjectInfo:
    ancestors = [*parent.ancestors, parent.type_key]
    return ObjectInfo(
        list(fields),
        [],
        type_key=key,
        parent_type_key=parent.type_key,
        ancestors=ancestors,
        total_size=total,
    )


def judge(*infos: ObjectInfo, **rules: Any) -> Verdict:
    """The verdict on the last type."""
    by_key = {str(info.type_key): info for info in (*infos, HEADER)}
    return classify(by_key, **rules)[str(infos[-1].type_key)]


def reason(verdict: Verdict) -> tuple[Any, str]:
    assert not verdict.is_complete
    return verdict.reason, verdict.detail


# ---- Verdicts ------------------------------------------------------------------------------------


def test_the_header_is_complete() -> None:
    verdict = judge(HEADER)
    assert verdict.is_complete and verdict.detail == "object header [0, 24): owned by the C ABI"
    assert (verdict.alignment, verdict.own_bytes) == (OBJECT_HEADER_ALIGNMENT, ByteRange(24, 24))


def test_fields_that_fill_their_bytes_are_complete() -> None:
    verdict = judge(type_("a.B", 40, field("y", 32), field("x", 24)))
    assert verdict.is_complete and verdict.reason is None
    assert verdict.detail == "reflected fields fill [24, 40) exactly"
    assert [part.name for part in verdict.fields] == ["x", "y"]
    assert verdict.alignment == 8 and verdict.own_bytes == ByteRange(24, 40)


def test_padding_that_alignment_explains_is_complete() -> None:
    info = type_("a.B", 48, field("x", 24, 1, 1), field("y", 32), field("z", 40, 4, 4))
    verdict = judge(info)
    assert verdict.is_complete
    assert verdict.detail == (
        "reflected fields fill [24, 48) exactly (alignment padding [25, 32), [44, 48))"
    )
    assert verdict.padding == [ByteRange(25, 32), ByteRange(44, 48)]


def test_bytes_nobody_accounts_for_are_opaque() -> None:
    info = type_("a.B", 64, field("x", 24), field("y", 40, 4, 4))
    verdict = judge(info)
    assert reason(verdict) == (
        "uncovered-bytes",
        "bytes [32, 40), [44, 64) of [24, 64) are not accounted for by reflected fields",
    )
    assert verdict.uncovered == [ByteRange(32, 40), ByteRange(44, 64)]


def test_fields_that_overlap_are_opaque() -> None:
    assert reason(judge(type_("a.B", 40, field("x", 24), field("y", 28)))) == (
        "field-overlap",
        "field 'y' at [28, 36) starts before byte 32",
    )
    assert reason(judge(type_("a.B", 40, field("x", 16)))) == (
        "field-overlap",
        "field 'x' at [16, 24) starts before byte 24",
    )
    assert reason(judge(type_("a.B", 32, field("x", 24), field("y", 32)))) == (
        "field-overlap",
        "fields extend to byte 40, past total_size 32",
    )


def test_what_is_not_known_is_opaque() -> None:
    assert reason(judge(type_("a.B", None))) == (
        "layout-unknown",
        "no metadata of its own: total_size is unknown",
    )
    assert reason(judge(type_("a.B", 32, NamedTypeSchema("x", INT)))) == (
        "layout-unknown",
        "field 'x' carries no native layout facts",
    )


def test_what_derives_from_an_opaque_type_is_opaque() -> None:
    parent = type_("a.B", None)
    child = type_("a.C", 40, field("x", 32), parent=parent)
    verdict = judge(parent, child)
    assert reason(verdict) == ("parent-opaque", "parent 'a.B' is opaque (layout-unknown)")
    assert verdict.fields == [FieldBytes("x", 32, 8, 8)]


def test_a_target_can_object() -> None:
    info = type_("a.B", 32, field("x", 24))
    assert reason(judge(info, forced_opaque={"a.B"})) == (
        "by-directive",
        "vetoed by directive although the layout is reproducible",
    )
    verdict = judge(info, unmirrored={"a.B"}, forced_opaque={"a.B"})
    assert verdict.reason == "no-mirror" and verdict.own_bytes is None and verdict.fields == []
    assert verdict.detail == "its bytes are owned by the target's runtime and never mirrored"
    verdict = judge(info, field_renderable=lambda part: part.name != "x", forced_opaque={"a.B"})
    assert reason(verdict) == ("unrenderable-field", "field 'x' (int) has no native mirror")


def test_a_target_is_asked_last_and_in_order() -> None:
    asked: list[str] = []

    def renderable(part: NamedTypeSchema) -> bool:
        asked.append(part.name)
        return True

    judge(type_("a.B", 64, field("x", 24)), field_renderable=renderable)
    assert asked == []  # opaque anyway
    judge(type_("a.B", 40, field("y", 32), field("x", 24)), field_renderable=renderable)
    assert asked == ["y", "x"]


def test_alignment_is_inherited() -> None:
    parent = type_("a.B", 64, field("x", 32, 32, 32))
    child = type_("a.C", 96, field("y", 64), parent=parent)
    verdict = judge(child, parent, child)
    assert verdict.alignment == 32 and verdict.padding == [ByteRange(72, 96)]


def test_ancestors_must_be_among_the_types() -> None:
    with pytest.raises(KeyError, match=r"Ancestor 'ffi\.Object' is not among the types"):
        classify({"a.B": type_("a.B", 24)})


@given(st.lists(st.sampled_from([1, 2, 4, 8, 16]), max_size=8))
def test_what_a_compiler_lays_out_is_complete(sizes: list[int]) -> None:
    fields, cursor = [], 24
    for i, size in enumerate(sizes):
        alignment = min(size, 8)
        offset = align_up(cursor, alignment)
        fields.append(field(f"f{i}", offset, size, alignment))
        cursor = offset + size
    verdict = judge(type_("a.B", align_up(cursor, 8), *fields))
    assert verdict.is_complete and verdict.uncovered == []
    accounted = [*verdict.fields, *verdict.padding]
    spans = sorted(
        (p.start, p.end) if isinstance(p, ByteRange) else (p.offset, p.end) for p in accounted
    )
    assert [begin for begin, _ in spans] == [24, *(end for _, end in spans)][: len(spans)]


# ---- Of real types -------------------------------------------------------------------------------


def real(key: str) -> Verdict:
    info = object_info_from_type_key(key)
    infos = {name: object_info_from_type_key(name) for name in (*info.ancestors, key)}
    return classify(infos)[key]


def test_verdicts_on_real_types() -> None:
    assert real("ffi.Object").is_complete
    assert real("ffi.Function").reason == "layout-unknown"
    assert real("ffi.Module").reason == "uncovered-bytes"
    assert real("testing.TestCxxClassPolymorphic").reason == "uncovered-bytes"
    hidden = real("testing.TestCxxClassHiddenField")
    assert hidden.reason == "uncovered-bytes"
    assert hidden.uncovered == [ByteRange(32, 40)] and hidden.padding == [ByteRange(44, 48)]
    for key, own in (("", (24, 40)), ("Derived", (40, 56)), ("DerivedDerived", (56, 80))):
        verdict = real(f"testing.TestCxxClass{key or 'Base'}")
        assert verdict.is_complete and verdict.own_bytes == ByteRange(*own)


# ---- The report ----------------------------------------------------------------------------------


def test_the_report_is_sorted_json(tmp_path: Path) -> None:
    info = type_("a.B", 48, field("x", 24), field("y", 40, 4, 4))
    verdicts = classify({"ffi.Object": HEADER, "a.B": info})
    write_coverage_report(tmp_path / "report.json", verdicts)
    text = (tmp_path / "report.json").read_text()
    assert text.endswith("}\n") and json.loads(text) == coverage_report(verdicts)
    assert list(json.loads(text)) == ["a.B", "ffi.Object"]
    assert json.loads(text)["a.B"] == {
        "verdict": "opaque",
        "reason": "uncovered-bytes",
        "detail": "bytes [32, 40) of [24, 48) are not accounted for by reflected fields",
        "parent": "ffi.Object",
        "ancestors": ["ffi.Object"],
        "total_size": 48,
        "is_final": None,
        "own_bytes": [24, 48],
        "fields": [
            {"name": "x", "offset": 24, "size": 8, "alignment": 8},
            {"name": "y", "offset": 40, "size": 4, "alignment": 4},
        ],
        "uncovered": [[32, 40]],
        "padding": [[44, 48]],
    }


def test_ranges_print_as_half_open() -> None:
    assert str(ByteRange(3, 5)) == "[3, 5)" and ByteRange(3, 5).to_json_obj() == [3, 5]
    assert FieldBytes("x", 8, 4, 4).end == 12
