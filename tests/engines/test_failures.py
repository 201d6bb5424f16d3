import logging

import pytest
import torch

from nst.engines.failures import explain, release_memory
from nst.errors import DeviceError, NSTError, SettingsError
from tests.engines.loops import job


def test_the_users_mistake_keeps_its_words_and_class_but_not_its_traceback():
    try:
        raise SettingsError("steps is 0; it must be between 1 and 5 000.")
    except SettingsError as error:
        told = explain(error, job())
    assert type(told) is SettingsError
    assert str(told) == "steps is 0; it must be between 1 and 5 000."
    assert told.__traceback__ is None
    assert told.__context__ is None


def test_memory_is_told_with_the_size_of_the_result():
    for error in (
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.07 GB)"),
    ):
        told = explain(error, job(size=2048))
        assert type(told) is DeviceError
        assert str(told) == "There is not enough memory for a picture of 2048 x 2048 px; choose a smaller size."


def test_the_real_allocator_says_it_in_these_words():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert type(explain(caught.value, job())) is DeviceError


def test_anything_else_is_an_internal_error_with_its_details_in_the_log(caplog):
    with caplog.at_level(logging.ERROR):
        try:
            {}["secret"]
        except KeyError as error:
            told = explain(error, job())
    assert type(told) is NSTError
    assert "secret" not in str(told)
    assert "KeyError: 'secret'" in caplog.text


def test_releasing_memory_works_without_a_gpu():
    release_memory()
