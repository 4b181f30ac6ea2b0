"""What a module in f16 adds to the same model's module in f32: parameters in f16 are those in f32, each rounded, most of them in the same order.

A delta is for a file that a machine makes anew from the other: uint32 `copies`, then for each of them uint32 `place`, `source`, `bytes`, in order of
`place`: `bytes` bytes of the file from `place` on are those from `source` on of the other file's, rounded. Bytes of the file that no copy
gives follow. All numbers are little-endian. Nothing but Python's own library.
"""

import array
import pathlib
import struct
import sys

# Parameters begin at multiples of 64 bytes, so rounded ones at multiples of 32.
STEP = 32
# Enough that two places with the same bytes are parameters with the same values.
BLOCK = 64


def round_word(word):
    """The bits of the float16 nearest to a float32's, ties to even; of what is none, as code is not, anything."""
    try:
        return struct.unpack("<H", struct.pack("<e", struct.unpack("<f", struct.pack("<I", word))[0]))[0]
    except OverflowError:
        return 0


def read_rounded(path):
    """All of a file as if it were of float32."""
    data = path.read_bytes()
    words = array.array("I", data[: len(data) // 4 * 4])
    # Weights have few distinct values.
    rounded = {word: round_word(word) for word in set(words)}
    return array.array("H", map(rounded.__getitem__, words)).tobytes()


def count_equal(target, place, source, at):
    """How many bytes from `place` and `at` on are the same."""
    length, step = 0, 1 << 20
    while step:
        end = length + step
        is_within = place + end <= len(target) and at + end <= len(source)
        if is_within and target[place + length : place + end] == source[at + length : at + end]:
            length = end
        else:
            step //= 2
    return length


def find_copies(source, target):
    places = {}
    for at in range(0, len(source) - BLOCK + 1, STEP):
        places.setdefault(source[at : at + BLOCK], at)
    copies, place = [], 0
    while place + BLOCK <= len(target):
        at = places.get(target[place : place + BLOCK])
        if at is None:
            place += STEP
        else:
            copies.append((place, at, count_equal(target, place, source, at)))
            place = -(-(place + copies[-1][2]) // STEP) * STEP
    return copies


def make(full, half):
    """The delta of the file `half` to the file `full`."""
    target = half.read_bytes()
    copies = find_copies(read_rounded(full), target)
    parts, end = [struct.pack("<I", len(copies)), *[struct.pack("<III", *copy) for copy in copies]], 0
    for place, _, count in copies:
        parts.append(target[end:place])
        end = place + count
    return b"".join([*parts, target[end:]])


def apply(full, delta):
    """The file whose delta to the file `full` this is."""
    source = read_rounded(full)
    (count,) = struct.unpack_from("<I", delta)
    rest, parts, end = 4 + 12 * count, [], 0
    for place, at, length in struct.iter_unpack("<III", delta[4:rest]):
        parts += [delta[rest : rest + place - end], source[at : at + length]]
        rest += place - end
        end = place + length
    return b"".join([*parts, delta[rest:]])


def main():
    """half_delta.py FULL HALF DELTA: writes the delta of HALF to FULL, and sees that it gives HALF."""
    full, half, output = map(pathlib.Path, sys.argv[1:])
    delta = make(full, half)
    if apply(full, delta) != half.read_bytes():
        sys.exit(f"half_delta.py: the delta of {half} does not give it again: report this as a bug of half_delta.py")
    output.write_bytes(delta)


if __name__ == "__main__":
    main()
