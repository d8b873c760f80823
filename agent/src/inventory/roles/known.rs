//! Ports that tell a role, the most telling role first: where a server has several, the one that decides how
//! it is sized comes first.
// SPDX-License-Identifier: Apache-2.0

/// Which table of the kernel a port stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Tcp,
    Udp,
}

/// A port, and what it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Port {
    pub(super) number: u16,
    pub(super) protocol: Protocol,
    pub(super) role: &'static str,
    pub(super) product: &'static str,
    /// Whether hardly anything else listens there.
    pub(super) telling: bool,
    pub(super) source: &'static str,
}

impl std::fmt::Display for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let protocol = if self.protocol == Protocol::Tcp { "TCP" } else { "UDP" };
        write!(f, "{protocol} {}: {}, {} ({})", self.number, self.role, self.product, self.source)
    }
}

const fn port(
    number: u16,
    protocol: Protocol,
    role: &'static str,
    product: &'static str,
    telling: bool,
    source: &'static str,
) -> Port {
    Port { number, protocol, role, product, telling, source }
}

use Protocol::{Tcp, Udp};
const TELLING: bool = true;
const AMBIGUOUS: bool = false;
/// IANA, Service Name and Transport Protocol Port Number Registry.
const IANA: &str = "IANA";
/// The maker's documentation.
const MAKER: &str = "maker's documentation";

/// The list. A new port is one line.
pub(super) const ROLES: &[Port] = &[
    port(1_521, Tcp, "database", "Oracle listener", TELLING, MAKER),
    port(1_433, Tcp, "database", "SQL Server", TELLING, IANA),
    port(5_432, Tcp, "database", "PostgreSQL", TELLING, IANA),
    port(3_306, Tcp, "database", "MySQL or MariaDB", TELLING, IANA),
    port(50_000, Tcp, "database", "Db2", TELLING, MAKER),
    port(30_015, Tcp, "database", "SAP HANA", TELLING, MAKER),
    port(30_013, Tcp, "database", "SAP HANA system database", TELLING, MAKER),
    port(27_017, Tcp, "database", "MongoDB", TELLING, MAKER),
    port(9_042, Tcp, "database", "Cassandra", TELLING, MAKER),
    port(1_526, Tcp, "database", "Informix", TELLING, IANA),
    port(7_210, Tcp, "database", "SAP MaxDB", TELLING, MAKER),
    port(4_100, Tcp, "database", "SAP ASE (Sybase)", AMBIGUOUS, MAKER),
    port(9_200, Tcp, "search", "Elasticsearch or OpenSearch", TELLING, MAKER),
    port(8_983, Tcp, "search", "Solr", TELLING, MAKER),
    port(6_379, Tcp, "cache", "Redis", TELLING, IANA),
    port(11_211, Tcp, "cache", "memcached", TELLING, IANA),
    port(3_200, Tcp, "erp", "SAP dispatcher, instance 00", TELLING, IANA),
    port(3_300, Tcp, "erp", "SAP gateway, instance 00", TELLING, IANA),
    port(7_001, Tcp, "java", "WebLogic", TELLING, MAKER),
    port(9_990, Tcp, "java", "WildFly or JBoss management", TELLING, MAKER),
    port(9_060, Tcp, "java", "WebSphere console", TELLING, MAKER),
    port(8_009, Tcp, "java", "Tomcat AJP", TELLING, MAKER),
    port(8_080, Tcp, "java", "Tomcat or another web port", AMBIGUOUS, IANA),
    port(8_443, Tcp, "java", "Tomcat or another web port", AMBIGUOUS, IANA),
    port(9_092, Tcp, "messaging", "Kafka", TELLING, MAKER),
    port(5_672, Tcp, "messaging", "AMQP broker", TELLING, IANA),
    port(61_616, Tcp, "messaging", "ActiveMQ", TELLING, MAKER),
    port(1_414, Tcp, "messaging", "IBM MQ", TELLING, IANA),
    port(6_443, Tcp, "container_host", "Kubernetes API", TELLING, MAKER),
    port(10_250, Tcp, "container_host", "Kubernetes kubelet", TELLING, MAKER),
    port(6_789, Tcp, "storage", "Ceph monitor", TELLING, IANA),
    port(24_007, Tcp, "storage", "GlusterFS", TELLING, MAKER),
    port(3_260, Tcp, "storage", "iSCSI target", TELLING, IANA),
    port(88, Tcp, "domain_controller", "Kerberos", TELLING, IANA),
    port(636, Tcp, "directory", "LDAP over TLS", TELLING, IANA),
    port(389, Tcp, "directory", "LDAP", TELLING, IANA),
    port(9_103, Tcp, "backup", "Bacula storage", TELLING, IANA),
    port(13_720, Tcp, "backup", "NetBackup master", TELLING, IANA),
    port(143, Tcp, "mail", "IMAP", TELLING, IANA),
    port(993, Tcp, "mail", "IMAP over TLS", TELLING, IANA),
    port(110, Tcp, "mail", "POP3", TELLING, IANA),
    port(2_049, Tcp, "file", "NFS", AMBIGUOUS, IANA),
    port(445, Tcp, "file", "SMB", AMBIGUOUS, IANA),
    port(21, Tcp, "file", "FTP", AMBIGUOUS, IANA),
    port(3_128, Tcp, "proxy", "Squid", TELLING, MAKER),
    port(53, Udp, "dns", "name server", AMBIGUOUS, IANA),
    port(53, Tcp, "dns", "name server", AMBIGUOUS, IANA),
    port(67, Udp, "dhcp", "DHCP server", AMBIGUOUS, IANA),
    port(10_051, Tcp, "monitoring", "Zabbix server", TELLING, IANA),
    port(631, Tcp, "print", "CUPS", AMBIGUOUS, IANA),
    port(515, Tcp, "print", "line printer daemon", AMBIGUOUS, IANA),
    port(443, Tcp, "web", "HTTPS", AMBIGUOUS, IANA),
    port(80, Tcp, "web", "HTTP", AMBIGUOUS, IANA),
    port(25, Tcp, "mail_relay", "SMTP", AMBIGUOUS, IANA),
];
