//! What the service manager is told: that the run has begun, and, as long as sampling goes on, that it is alive.
//! The protocol of `sd_notify(3)`: lines in a datagram to the socket the environment names. Without that socket
//! nothing is said.
// SPDX-License-Identifier: Apache-2.0

use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Where the service manager listens, and how often it wants to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceManager {
    address: Option<Vec<u8>>,
    /// Between two signs of life: half of what the manager waits; `None` when it does not watch.
    pub alive_every: Option<Duration>,
}

impl ServiceManager {
    /// From `NOTIFY_SOCKET` and `WATCHDOG_USEC`.
    #[must_use]
    pub fn new(notify_socket: Option<&OsStr>, watchdog_usec: Option<&OsStr>) -> Self {
        let address =
            notify_socket.map(OsStr::as_bytes).filter(|bytes| matches!(bytes.first(), Some(b'/' | b'@')));
        let micros = watchdog_usec.and_then(OsStr::to_str).and_then(|text| text.parse::<u64>().ok());
        let alive_every = micros.filter(|us| *us > 0).map(|us| Duration::from_micros(us / 2));
        Self { address: address.map(<[u8]>::to_vec), alive_every: alive_every.filter(|_| address.is_some()) }
    }

    /// The run has begun.
    pub fn ready(&self) {
        self.say("READY=1");
    }

    /// The run goes on.
    pub fn alive(&self) {
        self.say("WATCHDOG=1");
    }

    /// The run ends.
    pub fn stopping(&self) {
        self.say("STOPPING=1");
    }

    /// A manager that does not listen is not our trouble.
    fn say(&self, line: &str) {
        let Some(bytes) = &self.address else { return };
        let address = match bytes.split_first() {
            Some((b'@', name)) => SocketAddr::from_abstract_name(name),
            _ => SocketAddr::from_pathname(OsStr::from_bytes(bytes)),
        };
        if let (Ok(socket), Ok(address)) = (UnixDatagram::unbound(), address) {
            let _ = socket.send_to_addr(line.as_bytes(), &address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manager_hears_what_it_asked_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let service = ServiceManager::new(Some(path.as_os_str()), Some(OsStr::new("90000000")));
        assert_eq!(service.alive_every, Some(Duration::from_secs(45)));
        service.ready();
        service.alive();
        let mut buffer = [0; 64];
        for expected in ["READY=1", "WATCHDOG=1"] {
            let length = manager.recv(&mut buffer).unwrap();
            assert_eq!(&buffer[..length], expected.as_bytes());
        }
    }

    #[test]
    fn without_a_manager_nothing_is_said() {
        for (socket, watchdog) in [(None, Some("1000")), (Some(""), None), (Some("relative"), Some("1000"))] {
            let service = ServiceManager::new(socket.map(OsStr::new), watchdog.map(OsStr::new));
            assert_eq!(service, ServiceManager::default());
            service.ready();
        }
    }
}
