"""The first few of many keys."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.people import IntArray


def least(keys: IntArray, k: int) -> IntArray:
    """Return the k least keys in order. O(keys)."""
    return np.sort(np.partition(keys, k - 1)[:k] if keys.size > k else keys)


def greatest(keys: NDArray[Any], k: int) -> NDArray[Any]:
    """Return each row's k greatest keys, in no order. O(keys)."""
    many = keys.shape[1]
    return keys if k >= many else np.partition(keys, many - k, axis=1)[:, many - k :]
