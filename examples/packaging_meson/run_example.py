# SPDX-License-Identifier: Apache-2.0
"""Call the kernel with NumPy arrays, keep a native object, and see an error of the C++ side."""

import numpy as np
from running_mean import RunningMean, smooth

x, y = np.arange(1.0, 6.0), np.empty(5)
smooth(x, 2, y)
print("smooth    ", y.tolist())

mean = RunningMean(2)
print("window    ", mean.window)
print("in steps  ", [mean.add(value) for value in (1, 2, 3)])

try:
    smooth(x, 0, y)
except ValueError as error:
    print("error     ", error)
