#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hour-of-week maxima of the Bitbrains trace, as the packing bench reads them.

    profiles.py bitbrains_rnd_vms.parquet OUT

One row a server that was on for at least 28 days: 4 dimensions (CPU MHz, memory KB, disk KB/s, network KB/s)
of 168 little-endian 32-bit floats, each the largest 5-minute sample of that hour of the week. Hours never seen
take the largest hour that was.
"""
import sys

import numpy as np
import pyarrow.parquet as pq


def main(source: str, out: str) -> None:
    table = pq.read_table(source)
    column = lambda name: table[name].to_numpy()
    on = column("cpu_capacity_mhz") > 0
    values = np.stack([
        column("cpu_usage_mhz"),
        column("mem_usage_kb"),
        column("disk_read_kb_s") + column("disk_write_kb_s"),
        column("net_rx_kb_s") + column("net_tx_kb_s"),
    ])[:, on].astype(np.float32)
    vm, ts = column("vm_id")[on], column("ts_s")[on].astype(np.int64)
    # 1970-01-01 was a Thursday: 72 hours into the week that begins on Monday.
    hour = (ts // 3600 + 72) % 168
    rows = []
    for one in np.unique(vm):
        mine = vm == one
        if len(np.unique(ts[mine] // 300)) < 28 * 288:
            continue
        cells = np.full((4, 168), -1, dtype=np.float32)
        for dimension in range(4):
            np.maximum.at(cells[dimension], hour[mine], np.nan_to_num(values[dimension][mine]))
            seen = cells[dimension] >= 0
            cells[dimension][~seen] = cells[dimension][seen].max()
        rows.append(cells)
    np.stack(rows).astype("<f4").tofile(out)
    print(f"{len(rows)} of {len(np.unique(vm))} servers were on for 28 days", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
