import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def photo(tmp_path):
    ramp = np.indices((72, 96)).sum(axis=0).astype(np.uint8)
    path = tmp_path / "a photo.jpg"
    Image.fromarray(np.stack([ramp, 255 - ramp, ramp // 2], axis=-1)).save(path)
    return path
