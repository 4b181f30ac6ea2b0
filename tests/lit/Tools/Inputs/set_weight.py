"""set_weight.py WEIGHTS NAME VALUE OUTPUT: the safetensors file with this value as the first of a float32 tensor."""

import json
import struct
import sys

source, name, value, output = sys.argv[1:]
data = bytearray(open(source, "rb").read())
length = struct.unpack_from("<Q", data)[0]
entry = json.loads(data[8 : 8 + length])[name]
assert entry["dtype"] == "F32"
struct.pack_into("<f", data, 8 + length + entry["data_offsets"][0], float(value))
open(output, "wb").write(data)
