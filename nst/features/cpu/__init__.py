"""Fast convolutions and products on CPUs, through oneDNN and Winograd's minimal filtering, behind one switch.

``available`` says whether they are in use. IMPASTO_CPU_KERNELS=off in the environment turns all of them off: plain
PyTorch then computes the same but for rounding. Other packages use the names below, and no module of this one.
"""

from nst.features.cpu.convolution import RectifiedConvolution
from nst.features.cpu.onednn import available, gram, linear, mix, usable

__all__ = ["RectifiedConvolution", "available", "gram", "linear", "mix", "usable"]
