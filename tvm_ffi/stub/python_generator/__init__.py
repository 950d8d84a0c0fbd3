# SPDX-License-Identifier: Apache-2.0
"""The Python target: type stubs inside modules."""
