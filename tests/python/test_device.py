# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import pickle

import pytest

import tvm_ffi
from tvm_ffi import Device, DLDeviceType, core


class MyDevice(Device):
    __slots__ = ()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("cuda:3",), "cuda:3"),
        (("cuda", 3), "cuda:3"),
        ((2, 3), "cuda:3"),
        ((DLDeviceType.kDLCUDA, 3), "cuda:3"),
        (("cuda",), "cuda:0"),
        (("cuda:1", 5), "cuda:1"),
        (("cpu and more",), "cpu:0"),
        (("mps",), "metal:0"),
        (("wgpu:1",), "webgpu:1"),
        (("cuda:-1",), "cuda:-1"),
    ],
)
def test_forms_of_a_device(arguments: tuple[object, ...], text: str) -> None:
    assert str(Device(*arguments)) == text
    assert tvm_ffi.device(*arguments) == Device(*arguments)


@pytest.mark.parametrize("device_type", DLDeviceType)
def test_every_type_has_a_name(device_type: DLDeviceType) -> None:
    assert Device(device_type).dlpack_device_type() == device_type
    assert "unknown" not in Device(device_type).type


def test_an_unknown_type_still_prints() -> None:
    """Native code may make such a device; showing it must not fail."""
    assert str(Device(99, 1)) == "unknown_99:1"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("cuda:1:2",), ValueError, "Invalid device: cuda:1:2"),
        (("nowhere",), ValueError, "Unknown device: nowhere"),
        (("llvm",), ValueError, "Unknown device: llvm"),
        (("cuda_host",), ValueError, "Unknown device: cuda_host"),
        (("",), ValueError, "Unknown device: "),
        (("cuda:x",), ValueError, "Invalid device index: x"),
        (("cuda:",), ValueError, "Invalid device index: "),
        (("cuda", "a"), TypeError, "Invalid device index: a"),
        (("cuda", 1.5), TypeError, "Invalid device index: 1.5"),
        ((None,), TypeError, None),
        (("cuda", 2**31), OverflowError, None),
        ((2**40,), OverflowError, None),
    ],
)
def test_bad_devices(
    arguments: tuple[object, ...], error: type[Exception], message: str | None
) -> None:
    with pytest.raises(error) as raised:
        Device(*arguments)
    assert type(raised.value) is error
    assert message is None or str(raised.value) == message


def test_an_index_may_be_a_one_element_tensor() -> None:
    class OneElement:
        def item(self) -> int:
            return 4

    assert Device("cuda", OneElement()).index == 4


def test_parts() -> None:
    device = Device("cuda", 1)
    assert (device.type, device.index, device.dlpack_device_type()) == ("cuda", 1, 2)
    assert repr(device) == "device(type='cuda', index=1)"


def test_equality_and_hash_are_by_value() -> None:
    assert Device("cuda:1") == Device(2, 1)
    assert hash(Device("cuda:1")) == hash(Device(2, 1))
    assert Device("cuda:1") != Device("cuda:0")
    assert Device("cuda:1") != Device("rocm:1")
    assert Device("cuda:1") != "cuda:1"


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_are_equal(clone: object) -> None:
    assert clone(Device("vulkan:2")) == Device("vulkan:2")


def test_devices_cross_the_boundary() -> None:
    echo = tvm_ffi.convert(lambda value: value)
    assert echo(Device("cuda:3")) == Device("cuda:3")


def test_the_class_is_bound_to_its_type() -> None:
    info = core._type_cls_to_type_info(Device)
    assert (info.type_key, info.type_cls, info.parent_type_info) == ("Device", Device, None)


def test_the_class_of_devices_can_be_replaced() -> None:
    echo = tvm_ffi.convert(lambda value: value)
    assert type(echo(Device("cuda:1"))) is Device
    core._set_class_device(MyDevice)
    try:
        assert core._CLASS_DEVICE is MyDevice
        assert type(tvm_ffi.device("cuda:1")) is MyDevice
        assert type(echo(Device("cuda:1"))) is MyDevice
        assert echo(MyDevice("cuda:1")) == Device("cuda:1")
        assert type(pickle.loads(pickle.dumps(MyDevice("cpu")))) is MyDevice
    finally:
        core._set_class_device(Device)
    assert type(echo(Device("cuda:1"))) is Device
    assert type(tvm_ffi.device("cuda:1")) is Device
