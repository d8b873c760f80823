//! `cairn.toml` in the data directory: what an operator sets once. Assumptions of an assessment are no
//! configuration; they stand in policies.
// SPDX-License-Identifier: Apache-2.0

use crate::store::care::Retention;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Name of the file in the data directory.
pub const FILE: &str = "cairn.toml";

/// The configuration. What a file does not name keeps its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where news of the journey goes.
    pub journey: JourneyConfig,
    /// How long what is kept; `cairn retention show` explains the classes.
    pub retention: Retention,
    /// The certificate agents see.
    pub tls: TlsConfig,
}

/// The certificate agents see: without one, that of an authority of the collector's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file: the listener's certificate, those above it, the authority's last. Relative to the data directory.
    pub certificate_file: Option<PathBuf>,
    /// PEM file of its key, likewise. Both are looked at again while the collector runs.
    pub key_file: Option<PathBuf>,
}

/// Where news of the journey goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JourneyConfig {
    /// Receiver of events; HTTPS, or HTTP on this machine. Without it events wait in the outbox.
    pub webhook_url: Option<String>,
    /// File with the secret events are signed with, relative to the data directory.
    pub webhook_secret_file: Option<PathBuf>,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file could not be read.
    #[error("reading {path}: {source}")]
    Read {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The text is wrong.
    #[error("{path}: {text}")]
    Wrong {
        /// Which file.
        path: String,
        /// What is wrong, with its line.
        text: String,
    },
}

impl Config {
    /// Reads `cairn.toml` of a data directory; without one everything has its default.
    ///
    /// # Errors
    /// The file cannot be read or is wrong.
    pub fn load(data_dir: &Path) -> Result<Self, ConfigError> {
        let path = data_dir.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error: toml::de::Error| ConfigError::Wrong {
                path: path.display().to_string(),
                text: error.to_string(),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Read { path: path.display().to_string(), source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_schemas::time::Timestamp;

    #[test]
    fn a_missing_file_is_the_default_and_an_unknown_name_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Config::load(dir.path()).unwrap(), Config::default());
        let write = |text: &str| std::fs::write(dir.path().join(FILE), text).unwrap();
        write("[journey]\nwebhook_url = \"https://example.org/hook\"\n");
        let config = Config::load(dir.path()).unwrap();
        assert_eq!(config.journey.webhook_url.as_deref(), Some("https://example.org/hook"));
        write("[retention]\nminutes = 100\nweeks = \"forever\"\n");
        assert!(Config::load(dir.path()).unwrap().retention.before("weeks", Timestamp(0)).is_none());
        for (text, expected) in [
            ("minuts = 100", "minuts"),
            ("minutes = 3", "from 7 on"),
            ("minutes = 100\ngaps = 50", "as long as minutes"),
            ("drafts = \"always\"", "forever"),
        ] {
            write(&format!("[retention]\n{text}\n"));
            let error = Config::load(dir.path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        write("[journey]\nwebhok_url = \"https://example.org/hook\"\n");
        let error = Config::load(dir.path()).unwrap_err().to_string();
        assert!(
            error.contains("cairn.toml") && error.contains("webhok_url") && error.contains('2'),
            "{error}"
        );
    }
}
