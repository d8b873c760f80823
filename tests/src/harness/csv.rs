//! Canonical CSV with known contents: a small estate whose every percentile can be computed beside it.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::time::{DAY_S, Timestamp};
use std::fmt::Write as _;
use std::path::Path;

/// Seconds between two rows.
pub const STEP_S: i64 = 300;
/// Bytes in a gibibyte.
pub const GIB: f64 = 1_073_741_824.0;

/// A generated estate.
#[derive(Clone, Copy, Debug)]
pub struct Estate {
    /// Servers.
    pub servers: usize,
    /// First moment.
    pub begin: Timestamp,
    /// Days of five-minute rows.
    pub days: i64,
}

impl Estate {
    /// First moment after.
    #[must_use]
    pub const fn end(&self) -> Timestamp {
        Timestamp(self.begin.0 + self.days * DAY_S)
    }

    /// Name of a server.
    #[must_use]
    pub fn name(server: usize) -> String {
        format!("srv-{server:03}")
    }

    /// Busy share of a server in the slot that begins at `start`: a working day with a ripple, in whole 0.01 %.
    #[must_use]
    pub fn cpu(server: usize, start: Timestamp) -> f64 {
        let hour = i64::try_from(start.hour_of_day()).unwrap_or_default();
        let day = if (8..18).contains(&hour) { 1_500 } else { 300 };
        let ripple = (start.0 / STEP_S).wrapping_mul(7_919).rem_euclid(200);
        let base = i64::try_from(server % 5).unwrap_or_default() * 100;
        (day + ripple + base) as f64 / 10_000.0
    }

    /// Every busy share of a server, ascending.
    #[must_use]
    pub fn cpu_sorted(&self, server: usize) -> Vec<f64> {
        let mut all: Vec<f64> = self.starts().map(|start| Self::cpu(server, start)).collect();
        all.sort_by(f64::total_cmp);
        all
    }

    /// Starts of the rows.
    pub fn starts(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let (begin, rows) = (self.begin.0, self.days * DAY_S / STEP_S);
        (0..rows).map(move |i| Timestamp(begin + i * STEP_S))
    }

    /// `servers.csv`, IT-owned web servers that anybody would call ready.
    #[must_use]
    pub fn servers_csv(&self) -> String {
        let mut text = "server,cpu_model,cpu_sockets,cpu_cores,cpu_threads,cpu_mhz,memory_bytes,os,site,zone,owner,\
                        owner_agreed,role,environment,virtualization,hypervisor_role,special_hardware,shared_disk,\
                        vendor_support,appliance,time_critical,architecture,disk_bytes,disk_used_bytes,\
                        disk_bytes_per_s,network_bytes_per_s\n"
            .to_owned();
        for server in 0..self.servers {
            let _ = writeln!(
                text,
                "{},Intel Xeon E5-2620,2,12,24,2000,{},Debian GNU/Linux 12,north,internal,IT,yes,web,production,none,no,\
                 none,no,ok,no,no,x86_64,500000000000,100000000000,200000000,125000000",
                Self::name(server),
                32.0 * GIB
            );
        }
        text
    }

    /// `samples.csv`.
    #[must_use]
    pub fn samples_csv(&self) -> String {
        let mut text = "server,timestamp,cpu_busy_ratio,memory_used_bytes,disk_read_bytes_per_s,\
                        disk_write_bytes_per_s,network_receive_bytes_per_s,network_transmit_bytes_per_s\n"
            .to_owned();
        for server in 0..self.servers {
            for start in self.starts() {
                let (name, cpu) = (Self::name(server), Self::cpu(server, start));
                let _ = writeln!(text, "{name},{},{cpu},{},100000,200000,50000,60000", start.0, 4.0 * GIB);
            }
        }
        text
    }

    /// Writes both files into a folder.
    ///
    /// # Panics
    /// The folder cannot be written.
    pub fn write(&self, folder: &Path) {
        for (name, text) in [("servers.csv", self.servers_csv()), ("samples.csv", self.samples_csv())] {
            std::fs::write(folder.join(name), text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// A percentile by linear interpolation between closest ranks, as the assessment defines it.
#[must_use]
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = share * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    low + (high - low) * rank.fract()
}
