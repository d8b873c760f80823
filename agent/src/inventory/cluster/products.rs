//! Cluster products and their traces, those that name the cluster first.
// SPDX-License-Identifier: Apache-2.0

/// A trace anybody may see.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    /// A well-known file: configured, not running.
    File(&'static str),
    /// A configuration that says in words (lower case) that this is a node.
    Text(&'static str, &'static str),
    /// A loaded kernel module.
    Module(&'static str),
    /// A directory of the kernel with an entry for each object in use.
    Entries(&'static str),
    /// A mounted file system of this type.
    Mount(&'static str),
    /// A port the cluster itself listens on.
    Tcp(u16),
    /// A port of its management, which also listens where there is no cluster.
    TcpOfCare(u16),
    /// As `Tcp`.
    Udp(u16),
    /// VRRP's protocol and group.
    Vrrp,
    /// A configured DRBD device.
    Drbd,
}

/// A product: its traces with their weights, and where its cluster's name stands.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) name: &'static str,
    pub(super) signs: &'static [(Sign, u32)],
    pub(super) identity: Option<Identity>,
}

/// A file that is the same on every node and readable by all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    pub(super) file: &'static str,
    /// The setting that holds the name.
    pub(super) name: &'static str,
    /// Settings that tell two clusters of one name apart.
    pub(super) members: &'static [&'static str],
}

use Sign::{Drbd, Entries, File, Module, Mount, Tcp, TcpOfCare, Text, Udp, Vrrp};

/// The list. Ports and files after the products' administration guides.
pub(super) const PRODUCTS: &[Product] = &[
    Product {
        name: "Pacemaker/Corosync",
        signs: &[
            (File("etc/corosync/corosync.conf"), 1),
            (Udp(5_405), 1),
            (Tcp(3_121), 1),
            (TcpOfCare(2_224), 1),
        ],
        identity: Some(Identity {
            file: "etc/corosync/corosync.conf",
            name: "cluster_name",
            members: &["ring0_addr", "mcastaddr", "mcastport"],
        }),
    },
    Product {
        name: "Oracle Grid Infrastructure",
        // Oracle Restart, which is no cluster, has the same file with TRUE.
        signs: &[(Text("etc/oracle/ocr.loc", "local_only=false"), 2), (Udp(42_424), 1)],
        identity: Some(Identity {
            file: "etc/oracle/ocr.loc",
            name: "ocrconfig_loc",
            members: &["ocrconfig_loc"],
        }),
    },
    Product {
        name: "Veritas Cluster Server",
        signs: &[
            (File("etc/VRTSvcs/conf/config"), 1),
            (File("etc/llttab"), 1),
            (Module("llt"), 1),
            (Module("gab"), 1),
            (Module("vxfen"), 1),
            (Tcp(14_141), 1),
        ],
        identity: Some(Identity { file: "etc/llttab", name: "set-cluster", members: &["set-cluster"] }),
    },
    Product {
        name: "Red Hat Cluster (cman)",
        signs: &[
            (File("etc/cluster/cluster.conf"), 1),
            (Udp(5_404), 1),
            (Udp(5_405), 1),
            (TcpOfCare(11_111), 1),
        ],
        identity: None,
    },
    Product {
        name: "Serviceguard",
        signs: &[(File("etc/cmcluster/cmclconfig"), 1), (Module("deadman"), 1), (Tcp(5_302), 1)],
        identity: None,
    },
    Product { name: "LifeKeeper", signs: &[(File("opt/LifeKeeper"), 1), (Tcp(7_365), 1)], identity: None },
    Product {
        name: "Spectrum Scale (GPFS)",
        signs: &[(Mount("gpfs"), 2), (File("var/mmfs/gen"), 1), (Module("mmfs26"), 1), (Tcp(1_191), 1)],
        identity: None,
    },
    Product {
        name: "OCFS2",
        signs: &[(File("etc/ocfs2/cluster.conf"), 1), (Mount("ocfs2"), 1), (Tcp(7_777), 1)],
        identity: Some(Identity {
            file: "etc/ocfs2/cluster.conf",
            // Each node names its cluster; `name` is that of either.
            name: "cluster",
            members: &["name", "ip_address"],
        }),
    },
    Product {
        name: "distributed lock manager (GFS2, clustered LVM)",
        signs: &[(Entries("sys/kernel/dlm"), 2), (Mount("gfs2"), 1), (Module("dlm"), 1)],
        identity: None,
    },
    Product { name: "DRBD", signs: &[(Drbd, 2), (Module("drbd"), 1)], identity: None },
    Product {
        name: "keepalived (VRRP)",
        signs: &[(Vrrp, 2), (File("etc/keepalived/keepalived.conf"), 1)],
        identity: None,
    },
];
