"""Count what Python reads from tensors: each waits for a GPU."""

from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

WAITING = '_local_scalar_dense', 'item', 'nonzero', 'masked_select'


class Waits(TorchDispatchMode):
    """Operators that wait, and the dtypes of all results."""

    def __init__(self):
        super().__init__()
        self.waits, self.dtypes = [], set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        leaves = tree_leaves(result)
        self.dtypes |= {
            leaf.dtype for leaf in leaves if hasattr(leaf, 'dtype')
        }
        if func.overloadpacket.__name__ in WAITING:
            self.waits.append(func)
        return result
