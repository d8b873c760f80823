//! Configuration of a run: defaults, then the file, then the environment, then flags; validated once.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::time::Timestamp;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Name of the optional file in the data directory.
pub const FILE: &str = "agent.toml";
/// Seconds of slots in a batch where neither a person nor the collector says otherwise.
pub const BATCH_EVERY_S: u64 = 900;

/// How the agent runs. The defaults are the documentation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Seconds of slots in a batch, 900 unless the collector asks for another; longer ones cost fewer bytes a value.
    pub batch_every_s: Option<u64>,
    /// Seconds between uploads; unset: as the collector asks.
    pub upload_every_s: Option<u64>,
    /// Bytes of unacknowledged batches kept on disk.
    pub spool_bytes_max: u64,
    /// Free share of the disk that is left to others.
    pub free_disk_min_ratio: f64,
    /// Proxy on the way to the collector, `http://user:password@host:port`; unset: `HTTPS_PROXY` and `NO_PROXY`.
    pub proxy: Option<String>,
    /// PEM file of further authorities to trust: a customer's own, or that of a proxy that opens TLS.
    pub ca_file: Option<PathBuf>,
    /// From this moment (RFC 3339) on the agent delivers what it has and ends by itself.
    pub stop_at: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            batch_every_s: None,
            upload_every_s: None,
            spool_bytes_max: 256 << 20,
            free_disk_min_ratio: 0.10,
            proxy: None,
            ca_file: None,
            stop_at: None,
        }
    }
}

/// How the collector is reached, where that takes more than its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// As [`Config::proxy`].
    pub proxy: Option<String>,
    /// As [`Config::ca_file`].
    pub ca_file: Option<PathBuf>,
}

/// What the environment and the command line say; unset leaves the file's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// As [`Config::batch_every_s`].
    pub batch_every_s: Option<u64>,
    /// As [`Config::upload_every_s`].
    pub upload_every_s: Option<u64>,
}

impl Config {
    /// The file in `data` if there is one, then the environment, then flags.
    ///
    /// # Errors
    /// The file cannot be read or parsed, or a value is out of range; the message names file and field.
    pub fn load(data: &Path, environment: Overrides, flags: Overrides) -> Result<Self, String> {
        let path = data.join(FILE);
        let mut config: Self = match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        for overrides in [environment, flags] {
            config.batch_every_s = overrides.batch_every_s.or(config.batch_every_s);
            config.upload_every_s = overrides.upload_every_s.or(config.upload_every_s);
        }
        config.validated()
    }

    fn validated(self) -> Result<Self, String> {
        let within = |name: &str, value: u64, low: u64, high: u64| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(format!("{name} = {value} is not within {low} to {high}"))
            }
        };
        within("batch_every_s", self.batch_every_s.unwrap_or(BATCH_EVERY_S), 1, 86_400)?;
        within("upload_every_s", self.upload_every_s.unwrap_or(1), 1, 86_400)?;
        within("spool_bytes_max", self.spool_bytes_max, 1 << 20, 1 << 40)?;
        if !(0.0..=0.9).contains(&self.free_disk_min_ratio) {
            return Err(format!("free_disk_min_ratio = {} is not within 0 to 0.9", self.free_disk_min_ratio));
        }
        self.stops_at().map_err(|why| format!("stop_at: {why}"))?;
        Ok(self)
    }

    /// The way to the collector.
    #[must_use]
    pub fn network(&self) -> Network {
        Network { proxy: self.proxy.clone(), ca_file: self.ca_file.clone() }
    }

    /// The moment from which on the agent ends by itself.
    ///
    /// # Errors
    /// It is no RFC 3339 time; a validated configuration has none such.
    pub fn stops_at(&self) -> Result<Option<Timestamp>, String> {
        self.stop_at.as_deref().map(Timestamp::parse_rfc3339).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, environment: Overrides, flags: Overrides) -> Result<Config, String> {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join(FILE), text).unwrap();
        Config::load(data.path(), environment, flags)
    }

    #[test]
    fn flags_outweigh_the_environment_and_that_the_file() {
        let set = |batch, upload| Overrides { batch_every_s: batch, upload_every_s: upload };
        let config = load("batch_every_s = 60\nupload_every_s = 5", set(Some(120), None), set(None, Some(7)));
        let expected = Config { batch_every_s: Some(120), upload_every_s: Some(7), ..Config::default() };
        assert_eq!(config, Ok(expected));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        let check = |text: &str, why: &str| {
            let error = load(text, Overrides::default(), Overrides::default()).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        };
        check("batch_evry_s = 60", "batch_evry_s");
        check("batch_every_s = 0", "batch_every_s = 0 is not within");
        check("free_disk_min_ratio = 2.0", "free_disk_min_ratio");
        check("spool_bytes_max = 1", "spool_bytes_max");
        check("stop_at = \"soon\"", "stop_at: not an RFC 3339 time");
    }
}
