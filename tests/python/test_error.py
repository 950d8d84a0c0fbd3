# SPDX-License-Identifier: Apache-2.0
"""Exceptions across the boundary, in both directions."""

from __future__ import annotations

import copy
import ctypes
import gc
import pickle
import sys
import threading
import traceback
import weakref

import pytest

import tvm_ffi
from tvm_ffi import _ffi, _pyref, core

apply = tvm_ffi.get_global_func("testing.apply")
raise_native = tvm_ffi.get_global_func("testing.test_raise_error")
KINDS = [
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    AssertionError,
    MemoryError,
]


def raising(exception):
    """Make a function that raises `exception`, which as an argument would become an `Error`."""

    def raises():
        raise exception

    return raises


def functions_of(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


# ---- Native to Python ----


@pytest.mark.parametrize("cls", KINDS)
def test_kinds_become_exception_classes(cls):
    with pytest.raises(cls) as info:
        raise_native(cls.__name__, "what went wrong")
    assert type(info.value) is cls
    assert info.value.args == ("what went wrong",)
    error = info.value.__tvm_ffi_error__
    assert (error.kind, error.message) == (cls.__name__, "what went wrong")


@pytest.mark.parametrize("kind", ["UnheardOfError", "InternalError", ""])
def test_unknown_kinds_become_runtime_errors(kind):
    with pytest.raises(RuntimeError, match="what went wrong") as info:
        raise_native(kind, "what went wrong")
    assert type(info.value) is RuntimeError
    assert info.value.__tvm_ffi_error__.kind == kind


@pytest.mark.parametrize("text", ["", "ünïcödé", "two\nlines", "x" * 5000])
def test_messages_arrive_whole(text):
    with pytest.raises(ValueError) as info:
        raise_native("ValueError", text)
    assert str(info.value) == text


def test_a_native_failure_shows_the_native_frame_below_the_python_one():
    with pytest.raises(ValueError) as info:
        raise_native("ValueError", "x")
    frames = traceback.extract_tb(info.value.__traceback__)
    assert frames[0].name == "test_a_native_failure_shows_the_native_frame_below_the_python_one"
    assert "TestRaiseError" in frames[-1].name
    assert frames[-1].filename.endswith(".cc")
    assert frames[-1].lineno > 0


def test_the_traceback_prints_like_one(run_python):
    printed = run_python("""
    import sys, traceback
    import tvm_ffi

    error = tvm_ffi.core.Error(
        "ValueError", "no cheese",
        '  File "src/extension.cc", line 45, in void ext::RaiseError(tvm::ffi::String)\\n'
        '  File "src/caller.cc", line 7, in ext::Caller(int)\\n')
    try:
        raise error.py_error()
    except ValueError:
        traceback.print_exc(file=sys.stdout)
    """)
    assert printed.splitlines()[:1] == ["Traceback (most recent call last):"]
    tail = printed[printed.index('  File "src/caller.cc"') :]
    assert tail == (
        '  File "src/caller.cc", line 7, in ext::Caller(int)\n'
        '  File "src/extension.cc", line 45, in void ext::RaiseError(tvm::ffi::String)\n'
        "ValueError: no cheese\n"
    )


def test_an_uncaught_exception_prints_like_one(run_python):
    """The interpreter's own printing, in C on older versions, takes the frames as well."""
    printed = run_python(
        """
        import tvm_ffi
        error = tvm_ffi.core.Error("ValueError", "x", '  File "a.cc", line 4, in f(int)\\n')
        raise error.py_error()
        """,
        expected_status=1,
    )
    assert printed.endswith('  File "a.cc", line 4, in f(int)\nValueError: x\n')


def test_a_status_without_an_error_is_an_error_still():
    failing = _ffi.TVMFFISafeCallType(lambda *args: 7)
    address = ctypes.cast(failing, ctypes.c_void_p).value
    function = tvm_ffi.Function.__from_extern_c__(address, keep_alive_object=failing)
    with pytest.raises(RuntimeError, match="failed with status 7 and stored no error"):
        function()


def test_the_error_slot_is_empty_after_an_error_was_raised():
    with pytest.raises(ValueError):
        raise_native("ValueError", "x")
    pending = ctypes.c_void_p()
    _ffi.TVMFFIErrorMoveFromRaised(ctypes.byref(pending))
    assert pending.value is None


# ---- Python to native and back ----


class Strange(Exception):
    def __init__(self, a, b):
        super().__init__(a, b)


class Mute(Exception):
    def __str__(self):
        raise ValueError("no text")


@pytest.mark.parametrize(
    "exception",
    [
        ValueError("x"),
        KeyError("x"),
        Strange(1, 2),
        Mute(),
        ZeroDivisionError(),
        StopIteration(3),
        KeyboardInterrupt(),
        SystemExit(3),
        GeneratorExit(),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "reason"),
        ValueError("lone \ud800 surrogate"),
    ],
    ids=lambda exception: type(exception).__name__,
)
def test_the_same_exception_comes_back(exception, nothing_retained):
    with pytest.raises(type(exception)) as info:
        apply(raising(exception))
    assert info.value is exception
    with pytest.raises(type(exception)) as info:
        apply(lambda: apply(lambda: apply(raising(exception))))
    assert info.value is exception
    del info, exception.__tvm_ffi_error__


@pytest.mark.parametrize("cls", KINDS)
def test_native_code_sees_the_kind(cls):
    error = None
    try:
        apply(raising(cls("text")))
    except cls as exception:
        error = exception.__tvm_ffi_error__
    assert (error.kind, error.message) == (cls.__name__, str(cls("text")))


def test_classes_that_are_not_registered_are_runtime_errors_to_native_code():
    with pytest.raises(ZeroDivisionError) as info:
        apply(raising(ZeroDivisionError("x")))
    assert info.value.__tvm_ffi_error__.kind == "RuntimeError"


@pytest.mark.cpython("a trace through the interpreter's own code can be read")
def test_one_error_object_goes_through_all_hops():
    seen = []

    def middle():
        try:
            raise_native("ValueError", "x")
        except ValueError as error:
            seen.append(error.__tvm_ffi_error__)
            raise

    with pytest.raises(ValueError) as info:
        apply(lambda: apply(middle))
    error = info.value.__tvm_ffi_error__
    assert error.same_as(seen[0])
    functions = [name for _, _, name in tvm_ffi.error._parse_backtrace(error.backtrace)]
    raisers = [name for name in functions if "TestRaiseError" in name]
    appliers = [name for name in functions if "TestApply" in name]
    assert len(raisers) == 1
    assert len(appliers) == 2
    order = [functions.index(raisers[0]), functions.index("middle"), functions.index("<lambda>")]
    assert order == sorted(order)
    assert functions.index("middle") < functions.index(appliers[0])


@pytest.mark.cpython("a trace through the interpreter's own code can be read")
def test_the_traceback_reads_from_top_to_bottom_across_languages():
    def inner():
        raise_native("ValueError", "x")

    def outer():
        apply(inner)

    with pytest.raises(ValueError) as info:
        apply(outer)
    names = functions_of(info.value)
    here = "test_the_traceback_reads_from_top_to_bottom_across_languages"
    interesting = [name for name in names if name in (here, "outer", "inner") or "::Test" in name]
    assert [name.split("(")[0].split("::")[-1] for name in interesting] == [
        here,
        "TestApply",
        "outer",
        "TestApply",
        "inner",
        "TestRaiseError",
    ]
    assert not any(name in ("safe_call", "answer", "ffi_call") for name in names)


def test_an_exception_caught_in_between_is_gone(nothing_retained):
    def middle():
        try:
            apply(raising(KeyError("inner")))
        except KeyError:
            return "handled"

    assert apply(middle) == "handled"


def test_exception_context_is_kept():
    cause = KeyError("cause")

    def chained():
        raise ValueError("effect") from cause

    with pytest.raises(ValueError) as info:
        apply(chained)
    assert info.value.__cause__ is cause


def test_the_same_exception_on_many_threads(nothing_retained):
    exception = ValueError("shared")
    failures = []

    def work():
        for _ in range(50):
            try:
                apply(raising(exception))
            except ValueError as error:
                if error is not exception and str(error) != "shared":
                    failures.append(error)
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    exception.__dict__.clear()
    exception.__traceback__ = None


# ---- Ownership ----


class Local:
    """Something an exception's traceback keeps alive."""


@pytest.mark.cpython("references to Python objects are counted")
def test_a_swallowed_native_error_frees_the_callers_locals():
    def fail():
        local = Local()
        references.append(weakref.ref(local))
        raise_native("ValueError", "x")

    references: list[weakref.ref[Local]] = []
    gc.collect()
    gc.disable()
    try:
        try:
            fail()
        except ValueError:
            pass
        assert references[0]() is None
    finally:
        gc.enable()


@pytest.mark.cpython("references to Python objects are counted")
def test_a_swallowed_callback_error_frees_the_locals_of_all_frames(nothing_retained):
    references: list[weakref.ref[Local]] = []

    def fail():
        local = Local()
        references.append(weakref.ref(local))
        raise ValueError("x")

    def call():
        local = Local()
        references.append(weakref.ref(local))
        apply(fail)

    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            try:
                apply(call)
            except ValueError:
                pass
        assert len(references) == 6
        assert [reference() for reference in references] == [None] * 6
    finally:
        gc.enable()


@pytest.mark.cpython("references to Python objects are counted")
def test_an_error_that_native_code_swallows_takes_the_exception_with_it(nothing_retained):
    """As a C caller would: the call fails, the error is taken from its slot and dropped."""
    exception = Strange(1, 2)
    held = tvm_ffi.convert(raising(exception))
    before = sys.getrefcount(exception)
    arguments = (_ffi.TVMFFIAny * 1)()
    result = _ffi.TVMFFIAny()
    call = _ffi.TVMFFIFunctionCall
    assert call(held.__chandle__(), arguments, 0, ctypes.byref(result)) == -1
    assert sys.getrefcount(exception) > before
    pending = ctypes.c_void_p()
    _ffi.TVMFFIErrorMoveFromRaised(ctypes.byref(pending))
    assert pending.value
    _ffi.TVMFFIObjectDecRef(pending.value)
    exception.__traceback__ = None
    assert sys.getrefcount(exception) == before


def test_an_exception_in_native_hands_leads_to_no_error_and_back():
    exception = ValueError("x")
    with pytest.raises(ValueError):
        apply(raising(exception))
    error = exception.__tvm_ffi_error__
    # Raised once more it carries the same error; in between it does not own it.
    with pytest.raises(ValueError):
        apply(raising(exception))
    assert exception.__tvm_ffi_error__.same_as(error)
    assert all(entry.value is not exception for entry in _pyref.references.values())


# ---- core.Error ----


def test_errors_can_be_made():
    error = core.Error("ValueError", "text", '  File "a", line 1, in f\n')
    assert error.kind == "ValueError"
    assert error.message == "text"
    assert error.backtrace == '  File "a", line 1, in f\n'
    assert error.extra_context is None
    error.update_backtrace("other")
    assert error.backtrace == "other"
    exception = error.py_error()
    assert type(exception) is ValueError and exception.__tvm_ffi_error__ is error


def test_an_empty_error_says_so():
    empty = core.Error.__new__(core.Error)
    with pytest.raises(ValueError, match="holds no error"):
        _ = empty.message
    assert repr(empty) == "Error(chandle=None)"
    assert pickle.loads(pickle.dumps(empty)).__chandle__() == 0


def test_extra_context_is_the_object_attached():
    array = tvm_ffi.Array([1])
    texts = [_ffi.byte_array(text) for text in (b"ValueError", b"m", b"")]
    out = ctypes.c_void_p()
    status = _ffi.TVMFFIErrorCreateWithCauseAndExtraContext(
        *map(ctypes.byref, texts), None, array.__chandle__(), ctypes.byref(out)
    )
    assert status == 0
    error = core.Error.__new__(core.Error)
    error._adopt(_ffi.kTVMFFIError, out.value)
    assert error.extra_context.same_as(array)


def test_errors_pickle_and_copy_by_value():
    error = core.Error("ValueError", "text", "trace")
    for clone in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (clone.kind, clone.message, clone.backtrace) == ("ValueError", "text", "trace")
        assert not clone.same_as(error)


def test_exceptions_pickle_with_their_error_and_can_be_raised_again():
    with pytest.raises(ValueError) as info:
        raise_native("ValueError", "x")
    clone = pickle.loads(pickle.dumps(info.value))
    assert clone.__tvm_ffi_error__.message == "x"
    with pytest.raises(ValueError) as again:
        apply(raising(clone))
    assert again.value is clone
    assert clone.__tvm_ffi_error__.kind == "ValueError"


def test_converting_a_caught_exception_adds_the_python_frames():
    try:
        raise_native("ValueError", "x")
    except ValueError as exception:
        error = exception.__tvm_ffi_error__
        assert "test_converting" not in error.backtrace
        assert tvm_ffi.convert(exception) is error
        assert "test_converting_a_caught_exception" in error.backtrace
        assert error.backtrace.count("TestRaiseError") == 1


def test_an_exception_passes_as_an_error(testing):
    back = testing.echo(IndexError("x"))
    assert isinstance(back, core.Error)
    assert (back.kind, back.message, back.backtrace) == ("IndexError", "x", "")


# ---- register_error ----


def test_registered_classes_go_both_ways():
    @tvm_ffi.register_error
    class FirstError(ValueError):
        pass

    @tvm_ffi.register_error("second.Error")
    class SecondError(Exception):
        pass

    class ThirdError(Exception):
        pass

    assert tvm_ffi.register_error("ThirdKind", ThirdError) is ThirdError
    for kind, cls in (
        ("FirstError", FirstError),
        ("second.Error", SecondError),
        ("ThirdKind", ThirdError),
    ):
        with pytest.raises(cls, match="text"):
            raise_native(kind, "text")
        with pytest.raises(cls) as info:
            apply(raising(cls("x")))
        assert info.value.__tvm_ffi_error__.kind == kind
        assert core.ERROR_NAME_TO_TYPE[kind] is cls
        assert core.ERROR_TYPE_TO_NAME[cls] == kind


def test_a_class_that_wants_more_than_a_message_becomes_a_runtime_error():
    tvm_ffi.register_error("StrangeError", Strange)
    with pytest.raises(RuntimeError, match="text"):
        raise_native("StrangeError", "text")


@pytest.mark.parametrize("arguments", [(3,), ("Kind", 3), ("Kind", int)])
def test_only_exception_classes_can_be_registered(arguments):
    with pytest.raises(TypeError, match="Expected"):
        tvm_ffi.register_error(*arguments)
    with pytest.raises(TypeError, match="Expected an exception class"):
        tvm_ffi.register_error("Kind")(int)


def test_halves_of_surrogate_pairs_are_written_as_escapes():
    assert tvm_ffi.core.Error("ValueError", "a\ud800b", "").message == "a\\ud800b"

    def fail():
        raise ValueError("a\ud800b")

    with pytest.raises(ValueError) as caught:
        tvm_ffi.convert(fail)()
    assert caught.value.args == ("a\ud800b",)
