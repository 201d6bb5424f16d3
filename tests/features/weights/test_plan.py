"""The header of a safetensors file, and which bytes follow from it."""

import json
import struct

import pytest
import safetensors.torch
import torch

from nst.errors import WeightsError
from nst.features.weights.catalogue import ENTRIES
from nst.features.weights.plan import MAX_HEADER, NEAR, header_length, make_plan
from nst.features.weights.tensors import check_tensors
from tests.features.weights.files import SHAPES, safetensors_file, same, small_entry, small_tensors, whole

ENTRY = small_entry()


def header_of(file: bytes) -> bytes:
    return file[8 : 8 + header_length(file, "it")]


def taken(file: bytes, have: int | None = None) -> bytes:
    """The new file, put together from the ranges of the plan."""
    plan = make_plan(ENTRY, header_of(file), "it", size=len(file))
    new = plan.head
    for start, stop in plan.spans(len(plan.head)):
        new += b"".join(plan.wanted(start, file[start:stop]))
    assert len(new) == plan.size
    if have is not None:
        rest = [b"".join(plan.wanted(start, file[start:stop])) for start, stop in plan.spans(have)]
        assert new[:have] + b"".join(rest) == new
    return new


def test_the_new_file_holds_the_features_and_no_more() -> None:
    tensors = small_tensors()
    new = taken(safetensors.torch.save(whole(tensors)))
    found = safetensors.torch.load(new)
    assert set(found) == {f"features.{key}" for key in tensors}
    assert same(check_tensors(ENTRY, found, source="it"), tensors)
    assert (int.from_bytes(new[:8], "little") + 8) % 8 == 0


@pytest.mark.parametrize("share", [0, 0.1, 0.35, 0.5, 0.999, 1])
def test_any_beginning_is_completed_by_the_rest(share: float) -> None:
    tensors = small_tensors()
    model = {"a": torch.zeros(NEAR), **whole(tensors)}
    mixed = {name: model[name] for name in sorted(model, key=lambda name: name[::-1])}
    file = safetensors_file(mixed)
    plan = make_plan(ENTRY, header_of(file), "it")
    taken(file, have=len(plan.head) + round(share * (plan.size - len(plan.head))))


def test_near_neighbours_share_a_range_and_far_ones_do_not() -> None:
    tensors = {f"features.{key}": value for key, value in small_tensors().items()}
    names = list(tensors)
    near, far = torch.zeros(NEAR, dtype=torch.float16)[: NEAR // 2], torch.zeros(NEAR // 4 + 1)
    file = safetensors_file(
        {names[0]: tensors.pop(names[0]), "near": near, names[1]: tensors.pop(names[1]), "far": far, **tensors}
    )
    spans = make_plan(ENTRY, header_of(file), "it").spans(0)
    assert len(spans) == 2
    assert spans[1][0] - spans[0][1] == NEAR + 4


def test_features_without_their_prefix_are_found() -> None:
    tensors = small_tensors()
    assert set(safetensors.torch.load(taken(safetensors_file(tensors)))) == {f"features.{key}" for key in tensors}


def test_the_bytes_to_fetch_are_a_seventh_of_the_whole_model() -> None:
    assert (ENTRIES["vgg19"].megabytes, ENTRIES["vgg16"].megabytes) == (80, 59)


@pytest.mark.parametrize(
    "beginning",
    [b"", b"\x02\0\0", b"<!DOCTYPE html>", struct.pack("<Q", MAX_HEADER + 1), struct.pack("<Q", 2**63), bytes(8)],
    ids=repr,
)
def test_a_beginning_that_is_none_is_refused(beginning: bytes) -> None:
    with pytest.raises(WeightsError, match="it is not a safetensors file"):
        header_length(beginning, "it")


@pytest.mark.parametrize("header", [b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b"null"], ids=lambda h: repr(h[:6]))
def test_a_header_that_is_no_table_is_refused(header: bytes) -> None:
    with pytest.raises(WeightsError, match="it is not a safetensors file"):
        make_plan(ENTRY, header, "it")


GOOD = {"dtype": "F32", "shape": [8], "data_offsets": [864, 896]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"dtype": "I32"}, "holds I32 numbers"),
        ({"dtype": 4}, "holds 4 numbers"),
        ({"dtype": "F16"}, "lies at"),
        ({"shape": [4, 2]}, r"is \[4, 2\], not \[8\]"),
        ({"shape": None}, "is None, not"),
        ({"data_offsets": [896, 864]}, "lies at"),
        ({"data_offsets": [-32, 0]}, "lies at"),
        ({"data_offsets": [864]}, "lies at"),
        ({"data_offsets": None}, "lies at"),
        ({"data_offsets": [864.0, 896.0]}, "lies at"),
        ({"data_offsets": [False, 32]}, "lies at"),
        ({"data_offsets": [832, 864]}, "two of its tensors lie in the same place"),
        ({"data_offsets": [10**12, 10**12 + 32]}, "its header speaks of"),
    ],
)
def test_a_tensor_that_is_not_where_it_should_be_is_refused(change: dict[str, object], told: str) -> None:
    file = safetensors_file(whole(small_tensors()), **{"features.0.bias": GOOD | change})
    with pytest.raises(WeightsError, match=told):
        make_plan(ENTRY, header_of(file), "it", size=len(file))


def test_a_tensor_that_is_missing_is_named() -> None:
    model = whole(small_tensors())
    del model["features.2.weight"]
    with pytest.raises(WeightsError, match=r"it is not a vgg19 weights file: features.2.weight is missing"):
        make_plan(ENTRY, header_of(safetensors_file(model)), "it")


def test_half_precision_is_taken_as_it_is_stored() -> None:
    halves = {key: value.half() for key, value in small_tensors().items()}
    found = safetensors.torch.load(taken(safetensors_file(whole(halves))))
    assert {tensor.dtype for tensor in found.values()} == {torch.float16}


def test_two_plans_are_told_apart() -> None:
    files = [safetensors_file(whole(small_tensors(), classifier=count)) for count in (10, 10, 11)]
    moved = safetensors_file({"a": torch.zeros(1), **whole(small_tensors(), classifier=10)})
    digests = [make_plan(ENTRY, header_of(file), "it").digest() for file in (*files, moved)]
    assert digests[0] == digests[1] == digests[2], "the classifier does not count"
    assert digests[3] != digests[0]


def test_good_is_what_the_file_says() -> None:
    table = json.loads(header_of(safetensors_file(whole(small_tensors()))))
    assert table["features.0.bias"] == GOOD
    assert SHAPES["0.bias"] == (8,)
