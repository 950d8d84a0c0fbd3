# SPDX-License-Identifier: Apache-2.0
"""Exceptions across the boundary, in both directions.

An error that native code raises becomes an exception of the class registered for its kind, with
the native frames in its traceback and the `Error` in ``__tvm_ffi_error__``.

An exception that leaves a callback becomes an `Error`, and when that comes back to Python the very
same exception object is raised again. While the error is in native hands it owns the exception: a
second error, the *carrier*, is put into its cause chain, and holds the exception as an opaque
object. Only one of the two directions exists at a time (the exception gets its
``__tvm_ffi_error__`` when it has been taken back), so they form no cycle, and an error that native
code swallows takes the exception with it.
"""

from __future__ import annotations

from ctypes import byref, c_int64, c_void_p, sizeof
from threading import RLock
from typing import Any

from . import _ffi, _host, _memory, _traceback
from ._convert import (
    CallFrame,
    Cells,
    Packer,
    register_unpacker,
    rule,
    view_unpackers,
)
from ._ffi import kTVMFFIError, kTVMFFIOpaquePyObject
from ._object import CObject, object_unpacker, wrap
from ._pyref import entry_of_opaque, opaque_from

ERROR_NAME_TO_TYPE: dict[str, type[BaseException]] = {}
ERROR_TYPE_TO_NAME: dict[type[BaseException], str] = {}


def register(name: str, cls: type[BaseException]) -> None:
    """Raise errors of kind `name` as `cls`, and pass `cls` to native code as that kind."""
    ERROR_NAME_TO_TYPE[name] = cls
    ERROR_TYPE_TO_NAME[cls] = name


for _cls in (
    RuntimeError,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    IndexError,
    AssertionError,
    MemoryError,
):
    register(_cls.__name__, _cls)

_HEADER = sizeof(_ffi.TVMFFIObject)
_INDEX = _ffi.TVMFFIObject.type_index.offset
_CAUSE = _HEADER + _ffi.TVMFFIErrorCell.cause_chain.offset
_CONTEXT = _HEADER + _ffi.TVMFFIErrorCell.extra_context.offset
# Guards the exchange of a cause chain: one exception may be raised on two threads at once.
_cause_lock = RLock()


class Error(CObject):
    """A native error: `kind`, `message` and `backtrace`."""

    __slots__ = ()

    def __init__(self, kind: str, message: str, backtrace: str) -> None:
        for text in (kind, message, backtrace):
            if not isinstance(text, str):
                raise TypeError(
                    f"Expected kind, message and backtrace as text, got {type(text).__name__}"
                )
        self._adopt(kTVMFFIError, _create(kind, message, backtrace))

    def _cell(self) -> _ffi.TVMFFIErrorCell:
        if not self._handle:
            raise ValueError(f"{type(self).__name__}(chandle=None) holds no error")
        return _ffi.TVMFFIErrorCell.from_address(self._handle + _HEADER)

    @property
    def kind(self) -> str:
        """Name of the exception class, such as "ValueError"."""
        return _ffi.read_text(self._cell().kind)

    @property
    def message(self) -> str:
        """What happened."""
        return _ffi.read_text(self._cell().message)

    @property
    def backtrace(self) -> str:
        """Where it happened: one line per frame, the most recent call first."""
        return _ffi.read_text(self._cell().backtrace)

    @property
    def extra_context(self) -> Any:
        """The object native code attached to the error, or None."""
        handle = self._cell().extra_context
        if not handle:
            return None
        return view_unpackers[_ffi.TVMFFIObject.from_address(handle).type_index](handle, None)

    def update_backtrace(self, backtrace: str) -> None:
        """Replace the backtrace."""
        if not isinstance(backtrace, str):
            raise TypeError(f"Expected a backtrace as text, got {type(backtrace).__name__}")
        text = _ffi.byte_array(_encode(backtrace))
        update = _ffi.UpdateBacktrace(self._cell().update_backtrace)
        update(self._handle, byref(text), _ffi.kTVMFFIBacktraceUpdateModeReplace)

    def py_error(self) -> BaseException:
        """Make the exception that stands for the error, ready to be raised."""
        return exception_of(self.kind, self.message, self.backtrace, self)

    def __reduce__(self) -> Any:
        if not self._handle:
            from ._object import _new_object

            return _new_object, (Error,)
        return Error, (self.kind, self.message, self.backtrace)


Error.__module__ = "tvm_ffi.core"
register_unpacker(kTVMFFIError, object_unpacker(Error, kTVMFFIError))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


_create_natively = _host.builtin("TVMFFIHostCreateError") if _host.active else None


def _create(kind: str, message: str, backtrace: str, cause: int = 0, context: int = 0) -> int:
    """Make a native error; it adds its own references to `cause` and `context`."""
    if _create_natively is not None:
        try:
            return int(_create_natively(kind, message, backtrace, cause, context))
        except UnicodeEncodeError:
            pass  # of halves of surrogate pairs, which are written as escapes below
    texts = [_ffi.byte_array(_encode(text)) for text in (kind, message, backtrace)]
    out = c_void_p()
    kind_, message_, backtrace_ = map(byref, texts)
    status = _ffi.TVMFFIErrorCreateWithCauseAndExtraContext(
        kind_, message_, backtrace_, cause, context, byref(out)
    )
    if status:
        raise MemoryError("Cannot create an error: out of memory")
    return out.value or 0


def _exception_of_kind(kind: str, message: str) -> BaseException:
    cls = ERROR_NAME_TO_TYPE.get(kind)
    if cls is None:
        # The first is raised by callbacks that run out of stack.
        cls = RecursionError if kind == "RecursionError" else RuntimeError
    try:
        return cls(message)
    except Exception:  # a class that wants more than a message
        return RuntimeError(message)


# ---- Native to Python ----------------------------------------------------------------------------


def exception_of(
    kind: str, message: str, backtrace: str, error: Error, may_carry: bool = True
) -> BaseException:
    """Make the exception for an error that has these texts, or take the one that it carries."""
    carried = _take_exception(error) if may_carry else None
    if carried is None:
        exception = _exception_of_kind(kind, message)
    else:
        exception = carried.exception
        # Something else, if native code replaced the backtrace.
        is_longer = backtrace.startswith(carried.known)
        backtrace = backtrace[len(carried.known) :] if is_longer else ""
    exception = _traceback.append_frames(exception, backtrace)
    exception.__tvm_ffi_error__ = error  # type: ignore[attr-defined]
    return exception


def take_raised(status: int) -> BaseException:
    """Make the exception for a call that failed with `status`; the caller raises it.

    The caller must not keep it in a variable: the traceback of an exception leads to the frame.
    """
    out = c_void_p()
    _ffi.TVMFFIErrorMoveFromRaised(byref(out))
    if out.value:
        error: Error = wrap(Error, kTVMFFIError, out.value)
        if error.kind != "EnvErrorAlreadySet":
            return error.py_error()
    elif status != -2:
        return RuntimeError(f"A native function failed with status {status} and stored no error")
    # A signal handler of ours raised in the middle of native code. The interpreter has raised it
    # by now, see `_lane`; if not, it can only have been the default one.
    return KeyboardInterrupt()


# ---- Python to native ----------------------------------------------------------------------------


class _Carried:
    """An exception in native hands."""

    __slots__ = ("exception", "handle", "known")

    def __init__(self, exception: BaseException, handle: int, known: str) -> None:
        self.exception = exception
        self.handle = handle  # of the error it became; not a reference
        self.known = known  # the part of the backtrace that is in its traceback


def set_raised(exception: BaseException) -> None:
    """Make `exception` this thread's pending error; called where a callback failed."""
    traceback = _traceback.without_callback_frames(exception.__traceback__)
    exception.__traceback__ = traceback
    known = _traceback.to_text(traceback)
    text = known + _traceback.native_frames_of_callback()
    error = exception.__dict__.pop("__tvm_ffi_error__", None)
    if isinstance(error, Error) and error._handle:
        error.update_backtrace(text)
        message = error.message
    else:
        message = _message_of(exception)
        error = Error(_kind_of(exception), message, text)
    _put_exception(error, message, _Carried(exception, error._handle, known))
    _ffi.TVMFFIErrorSetRaised(error._handle)


def to_error(exception: BaseException) -> Error:
    """Make an `Error` of an exception, or return the one it came from with its new frames."""
    if not isinstance(exception, BaseException):
        raise TypeError(f"Expected an exception, got {type(exception).__name__}")
    text = _traceback.to_text(exception.__traceback__)
    error = getattr(exception, "__tvm_ffi_error__", None)
    if isinstance(error, Error) and error._handle:
        error.update_backtrace(text)
        return error
    return Error(_kind_of(exception), _message_of(exception), text)


def _kind_of(exception: BaseException) -> str:
    return ERROR_TYPE_TO_NAME.get(type(exception), "RuntimeError")


def _message_of(exception: BaseException) -> str:
    try:
        return str(exception)
    except Exception as error:
        return f"<{type(exception).__name__}, whose text failed with {type(error).__name__}>"


@rule(34)
def _exception(cls: type) -> Packer | None:
    if not issubclass(cls, Exception):
        return None

    def pack(cells: Cells, value: Exception, frame: CallFrame) -> None:
        error = to_error(value)
        frame.keep(error)
        cells += (kTVMFFIError, error._handle)

    return pack


# ---- The carrier ---------------------------------------------------------------------------------


def _word(address: int) -> int:
    if _memory.available:
        word: int = _memory.words[address >> 3]
        return word
    return c_int64.from_address(address).value


def _set_word(address: int, word: int) -> None:
    if _memory.available:
        _memory.words[address >> 3] = word
    else:
        c_int64.from_address(address).value = word


def _type_index(handle: int) -> int:
    return _word(handle + _INDEX) & 0xFFFFFFFF


def _put_exception(error: Error, message: str, carried: _Carried) -> None:
    """Give an exception to the error it became, which has this message."""
    exception = carried.exception
    opaque = opaque_from(carried)
    place = error._handle + _CAUSE
    try:
        with _cause_lock:
            cause = _word(place)
            # The carrier adds a reference to the cause, whose own passes to `cause` here.
            carrier = _create(type(exception).__name__, message, "", cause, opaque)
            _set_word(place, carrier)
    finally:
        _ffi.TVMFFIObjectDecRef(opaque)
    if cause:
        _ffi.TVMFFIObjectDecRef(cause)


def _take_exception(error: Error) -> _Carried | None:
    """Take the exception back out of an error that came from Python; None if there is none."""
    place = error._handle + _CAUSE
    with _cause_lock:
        carrier = _word(place)
        if not carrier or _type_index(carrier) != kTVMFFIError:
            return None
        context = _word(carrier + _CONTEXT)
        if not context or _type_index(context) != kTVMFFIOpaquePyObject:
            return None
        entry = entry_of_opaque(context)
        carried = entry.value if entry is not None else None
        if not isinstance(carried, _Carried) or carried.handle != error._handle:
            return None
        cause = _word(carrier + _CAUSE)
        if cause:
            _ffi.TVMFFIObjectIncRef(cause)
        _set_word(place, cause)
    _ffi.TVMFFIObjectDecRef(carrier)
    return carried
