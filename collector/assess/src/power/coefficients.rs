//! Our own coefficients of what servers draw; see [`crate::power`] for how they were found.
// SPDX-License-Identifier: Apache-2.0

/// Exponents of what is known of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Exponents {
    /// Of populated sockets.
    pub sockets: f64,
    /// Of physical cores.
    pub cores: f64,
    /// Of the base clock in GHz.
    pub ghz: f64,
    /// Of installed memory in GiB.
    pub memory: f64,
}

/// A generation's own base, logarithm of watts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GenerationWatts {
    /// As [`crate::normalize::generation`] names it.
    pub id: &'static str,
    /// At idle.
    pub idle_log_watts: f64,
    /// Under full load.
    pub max_log_watts: f64,
    /// The most memory of a server behind it, GiB.
    pub memory_gib_max: f64,
}

/// Lowest and highest of what the fit saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranges {
    /// Populated sockets.
    pub sockets: (f64, f64),
    /// Physical cores.
    pub cores: (f64, f64),
    /// Base clock.
    pub ghz: (f64, f64),
    /// Installed memory.
    pub memory_gib: (f64, f64),
}

const fn watts(id: &'static str, idle: f64, max: f64, memory_gib_max: f64) -> GenerationWatts {
    GenerationWatts { id, idle_log_watts: idle, max_log_watts: max, memory_gib_max }
}

/// Exponents at idle where the generation is known.
pub const IDLE_BY_GENERATION: Exponents = Exponents { sockets: 0.694, cores: 0.0, ghz: 0.0, memory: 0.356 };

/// Exponents under full load where the generation is known.
pub const MAX_BY_GENERATION: Exponents =
    Exponents { sockets: 0.517, cores: 0.313, ghz: 0.628, memory: 0.210 };

/// Base and exponents at idle where only the size is known.
pub const SIZE_IDLE: (f64, Exponents) =
    (3.523, Exponents { sockets: 1.103, cores: 0.0, ghz: 0.0, memory: 0.0 });

/// Base and exponents under full load where only the size is known.
pub const SIZE_MAX: (f64, Exponents) =
    (4.120, Exponents { sockets: 0.861, cores: 0.160, ghz: 0.0, memory: 0.119 });

/// What the fit saw.
pub const RANGES: Ranges =
    Ranges { sockets: (1.0, 8.0), cores: (2.0, 224.0), ghz: (1.6, 3.7), memory_gib: (4.0, 1_536.0) };

/// Every generation with results.
pub const GENERATIONS: &[GenerationWatts] = &[
    watts("before-k10", 3.632, 3.696, 16.0),
    watts("before-nehalem", 3.703, 3.434, 64.0),
    watts("bulldozer", 2.500, 2.982, 256.0),
    watts("cascade-lake", 1.841, 2.744, 1_536.0),
    watts("haswell-broadwell", 1.875, 2.697, 512.0),
    watts("ice-lake", 2.343, 2.973, 512.0),
    watts("ivy-bridge", 2.389, 2.753, 32.0),
    watts("k10", 3.076, 3.194, 32.0),
    watts("nehalem", 2.913, 3.197, 128.0),
    watts("piledriver", 2.365, 2.831, 64.0),
    watts("sandy-bridge", 2.438, 3.090, 128.0),
    watts("skylake", 1.789, 2.758, 768.0),
    watts("skylake-client", 1.615, 2.206, 32.0),
    watts("zen", 2.237, 2.527, 512.0),
    watts("zen2", 2.583, 2.715, 128.0),
    watts("zen3", 2.271, 2.652, 256.0),
];
