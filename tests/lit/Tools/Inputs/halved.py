"""halved.py HALF.json FULL.json: whether what oriel-info tells of a module in f16 is half of what it tells of that in f32."""

import json
import sys

half, full = (json.load(open(path)) for path in sys.argv[1:])
assert [module["variants"][0]["precision"] for module in (half, full)] == ["f16", "f32"]
for key in ("parameter_bytes", "arena_bytes_per_item"):
    # Offsets are multiples of 64 and 512 bytes.
    assert 0.49 < half[key] / full[key] < 0.52, (key, half[key], full[key])
for mine, other in zip(half["launches"], full["launches"], strict=True):
    assert mine["flops"] == other["flops"]
    assert other["bytes"] / 2 <= mine["bytes"] < other["bytes"], mine
