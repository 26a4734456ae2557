"""Reads tensors from a torch.save file (the layout before torch 1.6) without torch."""
import collections
import io
import pickle
import struct

import numpy as np


def torch_state_dict(data):
    """Reads the pre-1.6 torch.save layout (five pickles, then raw storages)."""
    kinds = {"FloatStorage": np.float32, "LongStorage": np.int64, "HalfStorage": np.float16}
    stream, storages = io.BytesIO(data), {}

    class Storage:
        def __init__(self, dtype, size):
            self.dtype, self.size, self.data = dtype, size, None

    class Lazy:
        def __init__(self, storage, offset, size, stride):
            self.a = (storage, offset, size, stride)

    class Reader(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) == ("collections", "OrderedDict"):
                return collections.OrderedDict
            if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
                return lambda s, off, size, stride, *rest: Lazy(s, off, size, stride)
            if module == "torch" and name in kinds:
                return name
            raise pickle.UnpicklingError(f"{module}.{name} is not weight data")

        def persistent_load(self, pid):
            kind, key, size = pid[1], pid[2], pid[4]
            return storages.setdefault(key, Storage(kinds[kind], size))

    for _ in range(3):
        Reader(stream).load()                           # magic, protocol, machine
    table, keys = Reader(stream).load(), Reader(stream).load()
    for key in keys:
        s = storages[key]
        count = struct.unpack("<q", stream.read(8))[0]
        s.data = np.frombuffer(stream.read(count * np.dtype(s.dtype).itemsize), s.dtype)
    out = {}
    for name, lazy in table.items():
        s, off, size, stride = lazy.a
        step = [n * s.data.itemsize for n in stride]
        out[name] = np.lib.stride_tricks.as_strided(s.data[off:], size, step).copy()
    return out
