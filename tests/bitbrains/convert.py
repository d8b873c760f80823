"""Converts the Bitbrains trace (GWA-T-12, one row a machine and five minutes) to Cairn's canonical CSV.

    convert.py TRACE.parquet OUT [MACHINES]

Every row in the order of the source: repeats, conflicts and switched-off rows stay, since an importer meets
them too. Capacities that lasted an hour or more become dated facts. Prints what an importer should count.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import sys
from pathlib import Path

import pandas as pd

KIB = 1024
SLOT_S = 300
SLOTS_PER_HOUR = 12


def samples_of(trace):
    """Switched off is written as a capacity of 0 by this source."""
    byte = {name: (trace[column] * KIB).round().astype("Int64") for name, column in {
        "memory_used_bytes": "mem_usage_kb",
        "disk_read_bytes_per_s": "disk_read_kb_s",
        "disk_write_bytes_per_s": "disk_write_kb_s",
        "network_receive_bytes_per_s": "net_rx_kb_s",
        "network_transmit_bytes_per_s": "net_tx_kb_s",
    }.items()}
    ratio = (trace["cpu_usage_pct"] / 100).round(8)
    power = (trace["cpu_capacity_mhz"] != 0).astype(int)
    return pd.DataFrame({"server": trace["server"], "timestamp": trace["ts_s"], "cpu_busy_ratio": ratio, **byte,
                         "powered_on": power, "width_s": SLOT_S})


def facts_of(server, rows):
    """One row a capacity that lasted an hour; the first holds from the beginning."""
    on = rows[(rows["cpu_cores"] > 0) & (rows["mem_capacity_kb"] > 0)].sort_values("ts_s", kind="stable")
    if on.empty:
        return [{"server": server}]
    facts = pd.DataFrame({
        "cpu_cores": on["cpu_cores"].astype(int),
        "cpu_mhz": (on["cpu_capacity_mhz"] / on["cpu_cores"]).round().astype(int),
        "memory_bytes": (on["mem_capacity_kb"] * KIB).round().astype("int64"),
        "from": on["ts_s"],
    })
    capacity = facts[["cpu_cores", "cpu_mhz", "memory_bytes"]]
    run = (capacity != capacity.shift()).any(axis=1).cumsum()
    lasting = [rows.iloc[0] for _, rows in facts.groupby(run) if len(rows) >= SLOTS_PER_HOUR] or [facts.iloc[0]]
    dated = []
    for row in lasting:
        values = {name: int(row[name]) for name in capacity}
        if not dated or values != {name: dated[-1][name] for name in capacity}:
            since = pd.Timestamp(int(row["from"]), unit="s").strftime("%Y-%m-%dT%H:%M:%SZ") if dated else ""
            dated.append({"server": server, **values, "valid_from": since})
    return dated


def main():
    source, out = sys.argv[1], Path(sys.argv[2])
    trace = pd.read_parquet(source)
    trace["server"] = "bb-" + trace["vm_id"].astype(int).astype(str).str.zfill(3)
    if len(sys.argv) > 3:
        chosen = sorted(trace["server"].unique())[: int(sys.argv[3])]
        trace = trace[trace["server"].isin(chosen)]
    samples = samples_of(trace)
    samples.to_csv(out / "samples.csv", index=False)
    distinct = trace.drop_duplicates()
    facts = [row for server, rows in distinct.groupby("server") for row in facts_of(server, rows)]
    columns = ["server", "cpu_cores", "cpu_mhz", "memory_bytes", "valid_from"]
    pd.DataFrame(facts, columns=columns).astype(
        {"cpu_cores": "Int64", "cpu_mhz": "Int64", "memory_bytes": "Int64"}
    ).to_csv(out / "servers.csv", index=False)
    slots = samples[["server", "timestamp"]]
    print(json.dumps({"rows": len(samples), "slots": len(slots.drop_duplicates()), "servers": slots["server"].nunique()}))


if __name__ == "__main__":
    main()
