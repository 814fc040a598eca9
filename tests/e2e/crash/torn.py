# SPDX-License-Identifier: Apache-2.0
"""Half a write at the end of a partition's newest segment, as a machine that lost its power leaves it.

A segment holds Kafka's record batches one after the other: base offset (8 bytes), length of the rest (4 bytes), the rest; behind
the last one there may be zeros (docs/dev/formats/segment.md)."""
import glob
import os
import struct


def newest_segments(data, topic):
    """The newest segment of each partition of the topic that has any batch."""
    for folder in sorted(glob.glob(os.path.join(data, "broker", "**", f"{glob.escape(topic)}-[0-9]*"), recursive=True)):
        segments = sorted(glob.glob(os.path.join(folder, "*.log")))
        if segments:
            yield segments[-1]


def end_of(path):
    """(place of the last batch, place behind it) or (None, 0)."""
    last, at = None, 0
    with open(path, "rb") as file:
        size = os.path.getsize(path)
        while at + 12 <= size:
            file.seek(at)
            _, length = struct.unpack(">qi", file.read(12))
            if length < 49 or at + 12 + length > size:
                break
            last, at = at, at + 12 + length
    return last, at


def tear(path, share):
    """Writes the first `share` of a batch that continues the log, and garbage where the rest would be."""
    last, end = end_of(path)
    if last is None:
        return False
    with open(path, "r+b") as file:
        file.seek(last)
        batch = bytearray(file.read(end - last))
        base, = struct.unpack_from(">q", batch, 0)
        delta, = struct.unpack_from(">i", batch, 23)
        struct.pack_into(">q", batch, 0, base + delta + 1)
        kept = max(1, int(len(batch) * share))
        file.seek(end)
        file.write(bytes(batch[:kept]) + os.urandom(max(0, min(64, len(batch) - kept))))
    return True
