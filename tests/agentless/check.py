"""Reads texts of lscpu or dmidecode a second time, without a line of Cairn's code, and compares.

    check.py lscpu|dmidecode FOLDER STORE.sqlite DMI_SERVERS.parquet

For dmidecode the other reading is the table that came with the texts; for lscpu it is made here. A difference
that is explained is printed with who is right; one that is not is a fault, and so is a fact left out without need,
a value of zero, or one without a line.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import re
import sqlite3
import sys
from pathlib import Path

import pandas as pd

tool, folder, store, parquet = sys.argv[1:]
facts = {}
for server, name, text in sqlite3.connect(store).execute("select server, name, json from fact"):
    fact = json.loads(text)
    facts.setdefault(server, {})[name] = fact["value"]
    if fact["value"] in (0, "") or not re.search(r":[1-9]\d*$", fact["source"]):
        print(f"odd fact: {server} {name} {fact}", file=sys.stderr)
        sys.exit(1)

compared = agree = 0
differences, faults = {}, []


def compare(server, name, other, explain):
    """Compares where the other reading knows; `explain` says who is right, or nothing, which is a fault."""
    global compared, agree
    if other is None or other != other or other == "":
        return
    ours = facts.get(server, {}).get(name)
    compared += 1
    if ours == other:
        agree += 1
        return
    why = explain(ours, other)
    if why:
        differences.setdefault((name, why), []).append(f"{server} ({ours}, theirs {other})")
    else:
        faults.append(f"{server} {name}: {ours}, theirs {other}")


def spaced(text):
    return " ".join(text.split())


def number(text):
    return int(text) if text and text.isdecimal() and int(text) > 0 else None


def clock(model):
    found = re.search(r"@ ?([\d.]+) ?GH", model or "") or re.search(r" ([\d.]+)GHz$", model or "")
    return round(float(found[1]) * 1000) if found else None


def listed(text):
    ends = [part.split("-") for part in text.split(",")]
    return sum(int(end[-1]) - int(end[0]) + 1 for end in ends)


texts = {path.name: path for path in sorted(Path(folder).rglob("*")) if path.is_file()}
if tool == "lscpu":
    for server, path in texts.items():
        said = {}
        for line in path.read_bytes().decode("utf-8", "replace").splitlines():
            name, colon, value = line.partition(":")
            if colon:
                said.setdefault(name.strip(), value.strip())
        online = listed(said["On-line CPU(s) list"]) if said.get("On-line CPU(s) list") else number(said["CPU(s)"])
        sockets, per_socket = number(said.get("Socket(s)")), number(said.get("Core(s) per socket"))
        cores = sockets * per_socket if sockets and per_socket else None
        arm = said["Architecture"].startswith(("arm", "aarch"))
        compare(server, "architecture", said["Architecture"], lambda o, t: None)
        compare(server, "cpu_model", spaced(said["Model name"]), lambda o, t: None)
        compare(server, "cpu_threads", online, lambda o, t: None)
        compare(
            server,
            "cpu_cores",
            cores,
            lambda o, t: "ours: left out, the counts of the text contradict each other" if o is None else None,
        )
        compare(
            server,
            "cpu_sockets",
            sockets,
            lambda o, t: "ours: left out, on ARM these may be clusters" if o is None and arm else None,
        )
        compare(server, "numa_nodes", number(said.get("NUMA node(s)")), lambda o, t: None)
        compare(server, "cpu_mhz", clock(said["Model name"]), lambda o, t: None)
        guest = "Hypervisor vendor" in said or " hypervisor" in said.get("Flags", "")
        if guest == (facts[server].get("virtualization", "none") == "none"):
            faults.append(f"{server}: guest {guest}, ours {facts[server].get('virtualization')}")
else:
    table = pd.read_parquet(parquet).drop_duplicates("probe")
    if set(table["probe"]) != set(facts):
        faults.append("the servers are not the same ones")
    for row in table.itertuples():
        server = row.probe
        text = texts[server].read_bytes().decode("utf-8", "replace")
        left = "ours: left out, "

        def cores(ours, theirs):
            if "Disabled By BIOS" in text:
                return left + "all processors are said to be disabled"
            if row.cores != row.cores_enabled:
                return left + "cores there and cores enabled differ"
            return None

        def threads(ours, theirs):
            few = row.threads < row.cores
            return cores(ours, theirs) or (left + "fewer threads than cores" if few else None)

        def model(ours, theirs):
            if ours is None and row.cpu_models_distinct > 1:
                return left + "two models in one server"
            if ours is None and len(theirs) < 4:
                return left + "a maker's name or a revision is no model"
            if ours is None and theirs.lower() == "not specified":
                return left + "a placeholder"
            return None

        def name(ours, theirs):
            odd = ("to be filled by o.e.m.", "empty", "default string", "not specified", "oem", "o.e.m.", "")
            odd += ("system manufacturer", "system product name", "none", "unknown", "0123456789")
            filler = ours is None and (theirs.lower().strip() in odd or len(set(theirs)) == 1)
            return left + "a placeholder" if filler else None

        def memory(ours, theirs):
            if ours is None:
                arrays = set(re.findall(r"Handle (0x\w+), DMI type 16,", text))
                strays = set(re.findall(r"Array Handle: (0x\w+)", text)) - arrays
                return left + "a device is in no array" if strays else None
            flash = [d for d in text.split("\n\n") if "\nMemory Device\n" in d and "Type: Flash" in d]
            sizes = [re.search(r"Size: (\d+) (kB|MB)", device) for device in flash]
            extra = sum(int(size[1]) << (10 if size[2] == "kB" else 20) for size in sizes if size)
            return "ours: the other sum counts flash as memory" if theirs - ours == extra else None

        compare(server, "cpu_sockets", row.sockets_populated, lambda o, t: None)
        compare(server, "cpu_cores", row.cores, cores)
        compare(server, "cpu_threads", row.threads, threads)
        compare(server, "cpu_model", spaced(row.cpu_model), model)
        compare(server, "memory_bytes", row.mem_mb * 2**20, memory)
        compare(server, "vendor", spaced(row.manufacturer), name)
        compare(server, "model", spaced(row.product), name)
        compare(server, "cpu_mhz", clock(spaced(row.cpu_model)), model)

lines = [
    f"{name} differs {len(who)} times; {why}: {', '.join(who[:3])}{', ...' if len(who) > 3 else ''}"
    for (name, why), who in sorted(differences.items())
]
print(json.dumps({"compared": compared, "agree": agree, "differences": lines, "faults": faults[:20]}))
sys.exit(0)
