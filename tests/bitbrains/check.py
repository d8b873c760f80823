"""Re-checks an assessment against the CSV it was made from, without a line of Cairn's code.

    check.py CSV_FOLDER ASSESSMENT.json

Percentiles: of slot means over powered-on slots, the first row of a repeated timestamp, linear interpolation.
Plan: for every host, resource and cell (168 hours of the week, 24 of month-end days, UTC), the sum over its
servers of the largest five-minute mean, growth included, is within the limit of its capacity.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

TOLERANCE = 1e-4
# Values are kept in steps of 0.0001 or with ten significant bits.
CODED = 1.001
GROWTH = 1.20
LIMITS = {"cpu": 0.80, "memory": 0.85, "disk": 0.80, "network": 0.80}
CAPACITY = {"cpu": "cpu_mhz", "memory": "memory_bytes", "disk": "disk_bytes_per_s", "network": "network_bytes_per_s"}
INTERVAL_S, WEEK_CELLS, CELLS = 300, 168, 192

faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


def load(folder):
    samples = pd.read_csv(folder / "samples.csv")
    samples = samples.drop_duplicates(["server", "timestamp"], keep="first")
    facts = pd.read_csv(folder / "servers.csv")
    since = pd.to_datetime(facts["valid_from"], utc=True)
    seconds = (since - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    facts["since"] = seconds.fillna(-np.inf)
    return samples[samples["powered_on"] == 1], facts.sort_values(["server", "since"], kind="stable")


def check_percentiles(samples, assessment):
    worst = 0.0
    servers = {server["server"]: server for server in assessment["readiness"]["servers"]}
    for name, cpu in samples.groupby("server")["cpu_busy_ratio"]:
        printed = servers[name]["utilisation"]["cpu_busy_ratio"]
        computed = {"mean": cpu.mean(), "max": cpu.max()}
        computed |= {f"p{p}": cpu.quantile(p / 100) for p in (50, 95, 99)}
        check(printed["samples"] == len(cpu), f"{name}: {printed['samples']} samples, computed {len(cpu)}")
        for figure, value in computed.items():
            difference = abs(printed[figure] - value)
            worst = max(worst, difference)
            check(difference <= TOLERANCE, f"{name}: {figure} {printed[figure]}, computed {value}")
    return worst


def capacities(facts, name, moments, value):
    """What a server had at each moment; before the first fact, the first."""
    own = facts[facts["server"] == name]
    at = np.maximum(np.searchsorted(own["since"].to_numpy(), moments, side="right") - 1, 0)
    return value(own)[at]


def cells_of(starts):
    moment = pd.to_datetime(starts, unit="s")
    week = moment.day_of_week * 24 + moment.hour
    month_end = np.where((moment + pd.Timedelta(days=1)).day == 1, WEEK_CELLS + moment.hour, -1)
    return np.asarray(week), np.asarray(month_end)


def largest(moments, values):
    """Largest value by cell. A slot stands in the interval it starts in, and in the next where it covers half."""
    cells = np.zeros(CELLS)
    start = moments // INTERVAL_S * INTERVAL_S
    spills = moments % INTERVAL_S >= INTERVAL_S / 2
    starts = np.concatenate([start, start[spills] + INTERVAL_S])
    values = np.concatenate([values, values[spills]])
    known = ~np.isnan(values)
    for index in cells_of(starts[known]):
        inside = index >= 0
        np.maximum.at(cells, index[inside], values[known][inside])
    return cells


def demands(samples, facts, placed):
    by_server = {}
    mhz = lambda own: (own["cpu_cores"] * own["cpu_mhz"]).to_numpy(float)
    installed = lambda own: own["memory_bytes"].to_numpy(float)
    for name, rows in samples.groupby("server"):
        if name not in placed:
            continue
        moments = rows["timestamp"].to_numpy()
        cpu = rows["cpu_busy_ratio"].to_numpy() * capacities(facts, name, moments, mhz)
        disk = (rows["disk_read_bytes_per_s"] + rows["disk_write_bytes_per_s"]).to_numpy(float)
        network = rows[["network_receive_bytes_per_s", "network_transmit_bytes_per_s"]].max(axis=1).to_numpy(float)
        # The role of these machines is not known: they keep the memory they have.
        own = facts[facts["server"] == name]
        memory = np.maximum(largest(moments, rows["memory_used_bytes"].to_numpy(float)), installed(own)[-1] / GROWTH)
        by_server[name] = {"cpu": largest(moments, cpu), "memory": memory, "disk": largest(moments, disk),
                           "network": largest(moments, network)}
    return by_server


def check_plan(samples, facts, assessment):
    plan = assessment["consolidation"]
    placed = {server for host in plan["placement"] for server in host["servers"]}
    count = sum(len(host["servers"]) for host in plan["placement"])
    check(count == len(placed) == plan["population"]["placed"], "a server is placed twice, or counted wrongly")
    check(plan["hosts"] >= plan["lower_bound_hosts"], "fewer hosts than the bound")
    working = [host for host in plan["placement"] if not host["failover"]]
    check(len(working) == plan["hosts"], "hosts and placement differ")
    dropped = {dimension["resource"] for dimension in plan["dropped_dimensions"]}
    demand = demands(samples, facts, placed)
    fullest, cells_checked = {}, 0
    for host in working:
        for resource, limit in LIMITS.items():
            if resource in dropped:
                continue
            known = [demand[name][resource] for name in host["servers"] if name in demand]
            used = sum(known, np.zeros(CELLS)) * GROWTH / host["capacity"][CAPACITY[resource]]
            cells_checked += CELLS
            fullest[resource] = max(fullest.get(resource, 0.0), float(used.max()))
            check(used.max() <= limit * CODED, f"{host['host']}: {resource} {used.max():.4f} in cell {used.argmax()}")
    return fullest, cells_checked


def main():
    samples, facts = load(Path(sys.argv[1]))
    assessment = json.loads(Path(sys.argv[2]).read_text())
    worst = check_percentiles(samples, assessment)
    fullest, cells = check_plan(samples, facts, assessment)
    plan = assessment["consolidation"]
    print(json.dumps({
        "servers": samples["server"].nunique(), "worst_difference": worst, "cells": cells, "fullest": fullest,
        "hosts": plan["hosts"], "lower_bound_hosts": plan["lower_bound_hosts"], "failover_hosts": plan["failover_hosts"],
        "backtest": {k: v for k, v in (plan["backtest"] or {}).items() if k != "by_fold"}, "faults": faults[:20],
    }))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
