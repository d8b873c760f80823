//! What a kilowatt-hour emits, by country: our own table.
//!
//! Of each country the median of what public tables say, between the lowest and the highest of them: yearly means of
//! 2019 to 2021 collected by Cloud Carbon Footprint (EPA, EEA, Google, carbonfootprint.com) and by Boavizta (Ember 2020,
//! and Applied Energy 2021 for 2019), kg CO2 equivalent. Where one table alone names a country its ends are a factor of
//! 1.25 away, which is how far the tables lie apart on the median of the others. `collector/assess/tests/grid.rs`
//! repeats all of it. A yearly mean of some years ago: whoever has a contract or a newer figure sets `grid_carbon`.
// SPDX-License-Identifier: Apache-2.0

use crate::policy::ValueConstant;
use cairn_schemas::assessment::Range;

/// Between the only figure of a country and its ends.
pub const ALONE_FACTOR: f64 = 1.25;

/// One country.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// ISO 3166-1 alpha-2.
    pub alpha2: &'static str,
    /// ISO 3166-1 alpha-3.
    pub alpha3: &'static str,
    /// kg CO2 equivalent a kWh.
    pub carbon: Range,
    /// Figures behind it.
    pub figures: u8,
}

impl Grid {
    /// As a constant of the value.
    #[must_use]
    pub fn constant(&self) -> ValueConstant {
        let count = self.figures;
        ValueConstant {
            value: self.carbon,
            unit: "kg CO2e/kWh".to_owned(),
            source: format!(
                "{}: median and ends of {count} yearly means, collected by Cloud Carbon Footprint and Boavizta",
                self.alpha3
            ),
            date: "2019-2021".to_owned(),
        }
    }
}

/// The grid of a country, by either of its codes in any case; `None` for one that no table names.
#[must_use]
pub fn of(country: &str) -> Option<&'static Grid> {
    let country = country.trim();
    let is = |code: &str| code.eq_ignore_ascii_case(country);
    GRIDS.iter().find(|grid| is(grid.alpha2) || is(grid.alpha3))
}

const fn grid(
    alpha2: &'static str,
    alpha3: &'static str,
    low: f64,
    base: f64,
    high: f64,
    figures: u8,
) -> Grid {
    Grid { alpha2, alpha3, carbon: Range { low, base, high }, figures }
}

/// Every country a table names, by its longer code.
#[rustfmt::skip]
#[allow(clippy::approx_constant, reason = "a grid that emits 0.318 has nothing to do with a circle")]
pub const GRIDS: &[Grid] = &[
    grid("AO", "AGO", 0.138, 0.173, 0.216, 1),
    grid("AL", "ALB", 0.019, 0.024, 0.030, 1),
    grid("AE", "ARE", 0.378, 0.472, 0.590, 1),
    grid("AR", "ARG", 0.282, 0.353, 0.441, 1),
    grid("AM", "ARM", 0.167, 0.209, 0.261, 1),
    grid("AU", "AUS", 0.560, 0.725, 0.790, 3),
    grid("AT", "AUT", 0.211, 0.264, 0.330, 1),
    grid("AZ", "AZE", 0.430, 0.537, 0.671, 1),
    grid("BE", "BEL", 0.196, 0.213, 0.230, 2),
    grid("BJ", "BEN", 0.522, 0.652, 0.815, 1),
    grid("BD", "BGD", 0.440, 0.550, 0.688, 1),
    grid("BG", "BGR", 0.435, 0.544, 0.680, 1),
    grid("BH", "BHR", 0.490, 0.611, 0.732, 2),
    grid("BA", "BIH", 0.418, 0.522, 0.653, 1),
    grid("BY", "BLR", 0.413, 0.516, 0.645, 1),
    grid("BO", "BOL", 0.256, 0.320, 0.400, 1),
    grid("BR", "BRA", 0.074, 0.109, 0.113, 3),
    grid("BN", "BRN", 0.527, 0.659, 0.824, 1),
    grid("BW", "BWA", 0.640, 0.800, 1.000, 1),
    grid("CA", "CAN", 0.120, 0.130, 0.143, 3),
    grid("CH", "CHE", 0.029, 0.053, 0.078, 2),
    grid("CL", "CHL", 0.310, 0.387, 0.484, 1),
    grid("CN", "CHN", 0.550, 0.555, 0.555, 3),
    grid("CI", "CIV", 0.337, 0.421, 0.526, 1),
    grid("CM", "CMR", 0.203, 0.254, 0.318, 1),
    grid("CD", "COD", 0.021, 0.026, 0.033, 1),
    grid("CG", "COG", 0.300, 0.375, 0.469, 1),
    grid("CO", "COL", 0.169, 0.211, 0.264, 1),
    grid("CR", "CRI", 0.026, 0.033, 0.041, 1),
    grid("CU", "CUB", 0.488, 0.610, 0.762, 1),
    grid("CY", "CYP", 0.633, 0.791, 0.989, 1),
    grid("CZ", "CZE", 0.318, 0.397, 0.496, 1),
    grid("DE", "DEU", 0.319, 0.338, 0.422, 3),
    grid("DK", "DNK", 0.126, 0.158, 0.198, 1),
    grid("DO", "DOM", 0.500, 0.625, 0.781, 1),
    grid("DZ", "DZA", 0.388, 0.485, 0.606, 1),
    grid("EC", "ECU", 0.108, 0.135, 0.169, 1),
    grid("EG", "EGY", 0.377, 0.471, 0.589, 1),
    grid("ER", "ERI", 0.522, 0.652, 0.815, 1),
    grid("ES", "ESP", 0.223, 0.279, 0.349, 1),
    grid("EE", "EST", 0.378, 0.472, 0.590, 1),
    grid("ET", "ETH", 0.020, 0.025, 0.031, 1),
    grid("FI", "FIN", 0.141, 0.161, 0.181, 2),
    grid("FR", "FRA", 0.052, 0.075, 0.098, 2),
    grid("GA", "GAB", 0.245, 0.306, 0.383, 1),
    grid("GB", "GBR", 0.228, 0.246, 0.257, 3),
    grid("GE", "GEO", 0.109, 0.136, 0.170, 1),
    grid("GH", "GHA", 0.275, 0.344, 0.430, 1),
    grid("GR", "GRC", 0.624, 0.780, 0.975, 1),
    grid("GT", "GTM", 0.222, 0.278, 0.348, 1),
    grid("HK", "HKG", 0.626, 0.718, 0.810, 2),
    grid("HN", "HND", 0.277, 0.346, 0.432, 1),
    grid("HR", "HRV", 0.298, 0.372, 0.465, 1),
    grid("HT", "HTI", 0.490, 0.612, 0.765, 1),
    grid("HU", "HUN", 0.270, 0.338, 0.423, 1),
    grid("ID", "IDN", 0.663, 0.718, 0.772, 2),
    grid("IN", "IND", 0.626, 0.708, 0.723, 3),
    grid("IE", "IRL", 0.316, 0.350, 0.384, 2),
    grid("IR", "IRN", 0.390, 0.488, 0.610, 1),
    grid("IQ", "IRQ", 0.414, 0.518, 0.647, 1),
    grid("IS", "ISL", 0.021, 0.026, 0.033, 1),
    grid("IL", "ISR", 0.446, 0.557, 0.696, 1),
    grid("IT", "ITA", 0.233, 0.294, 0.356, 2),
    grid("JM", "JAM", 0.435, 0.544, 0.680, 1),
    grid("JO", "JOR", 0.348, 0.435, 0.544, 1),
    grid("JP", "JPN", 0.473, 0.506, 0.524, 5),
    grid("KZ", "KAZ", 0.524, 0.655, 0.819, 1),
    grid("KE", "KEN", 0.064, 0.080, 0.100, 1),
    grid("KG", "KGZ", 0.065, 0.081, 0.101, 1),
    grid("KH", "KHM", 0.339, 0.424, 0.530, 1),
    grid("KR", "KOR", 0.444, 0.500, 0.540, 3),
    grid("KW", "KWT", 0.392, 0.490, 0.613, 1),
    grid("LB", "LBN", 0.437, 0.546, 0.683, 1),
    grid("LY", "LBY", 0.442, 0.552, 0.690, 1),
    grid("LK", "LKA", 0.395, 0.494, 0.617, 1),
    grid("LT", "LTU", 0.257, 0.321, 0.401, 1),
    grid("LU", "LUX", 0.270, 0.338, 0.423, 1),
    grid("LV", "LVA", 0.260, 0.325, 0.406, 1),
    grid("MA", "MAR", 0.500, 0.625, 0.781, 1),
    grid("MD", "MDA", 0.390, 0.488, 0.610, 1),
    grid("MX", "MEX", 0.329, 0.411, 0.514, 1),
    grid("MK", "MKD", 0.422, 0.528, 0.660, 1),
    grid("MT", "MLT", 0.370, 0.463, 0.579, 1),
    grid("MM", "MMR", 0.250, 0.313, 0.391, 1),
    grid("MN", "MNG", 0.586, 0.733, 0.916, 1),
    grid("MZ", "MOZ", 0.107, 0.134, 0.168, 1),
    grid("MY", "MYS", 0.471, 0.589, 0.736, 1),
    grid("NA", "NAM", 0.038, 0.048, 0.060, 1),
    grid("NG", "NGA", 0.318, 0.398, 0.498, 1),
    grid("NI", "NIC", 0.281, 0.351, 0.439, 1),
    grid("NL", "NLD", 0.450, 0.462, 0.474, 2),
    grid("NO", "NOR", 0.025, 0.031, 0.039, 1),
    grid("NP", "NPL", 0.018, 0.023, 0.029, 1),
    grid("NZ", "NZL", 0.119, 0.149, 0.186, 1),
    grid("OM", "OMN", 0.392, 0.490, 0.613, 1),
    grid("PK", "PAK", 0.285, 0.356, 0.445, 1),
    grid("PA", "PAN", 0.194, 0.243, 0.304, 1),
    grid("PE", "PER", 0.185, 0.231, 0.289, 1),
    grid("PH", "PHL", 0.462, 0.578, 0.722, 1),
    grid("PL", "POL", 0.644, 0.805, 1.006, 1),
    grid("KP", "PRK", 0.124, 0.155, 0.194, 1),
    grid("PT", "PRT", 0.259, 0.324, 0.405, 1),
    grid("PY", "PRY", 0.019, 0.024, 0.030, 1),
    grid("QA", "QAT", 0.392, 0.490, 0.613, 1),
    grid("RO", "ROU", 0.371, 0.464, 0.580, 1),
    grid("RU", "RUS", 0.278, 0.347, 0.434, 1),
    grid("SA", "SAU", 0.456, 0.570, 0.712, 1),
    grid("SD", "SDN", 0.213, 0.266, 0.333, 1),
    grid("SN", "SEN", 0.436, 0.545, 0.681, 1),
    grid("SG", "SGP", 0.409, 0.489, 0.493, 3),
    grid("SV", "SLV", 0.146, 0.183, 0.229, 1),
    grid("SK", "SVK", 0.277, 0.346, 0.432, 1),
    grid("SI", "SVN", 0.246, 0.307, 0.384, 1),
    grid("SE", "SWE", 0.008, 0.024, 0.040, 2),
    grid("SY", "SYR", 0.431, 0.539, 0.674, 1),
    grid("TG", "TGO", 0.474, 0.593, 0.741, 1),
    grid("TH", "THA", 0.406, 0.507, 0.634, 1),
    grid("TJ", "TJK", 0.058, 0.073, 0.091, 1),
    grid("TM", "TKM", 0.435, 0.544, 0.680, 1),
    grid("TT", "TTO", 0.416, 0.520, 0.650, 1),
    grid("TN", "TUN", 0.377, 0.471, 0.589, 1),
    grid("TR", "TUR", 0.470, 0.588, 0.735, 1),
    grid("TW", "TWN", 0.541, 0.552, 0.563, 2),
    grid("TZ", "TZA", 0.310, 0.387, 0.484, 1),
    grid("UA", "UKR", 0.394, 0.492, 0.615, 1),
    grid("UY", "URY", 0.085, 0.106, 0.133, 1),
    grid("US", "USA", 0.117, 0.399, 0.561, 14),
    grid("UZ", "UZB", 0.398, 0.497, 0.621, 1),
    grid("VE", "VEN", 0.154, 0.192, 0.240, 1),
    grid("VN", "VNM", 0.437, 0.546, 0.683, 1),
    grid("YE", "YEM", 0.433, 0.541, 0.676, 1),
    grid("ZA", "ZAF", 0.720, 0.824, 0.928, 2),
    grid("ZM", "ZMB", 0.097, 0.121, 0.151, 1),
    grid("ZW", "ZWE", 0.230, 0.288, 0.360, 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_find_countries() {
        let check = |code: &str, expected: Option<&str>| {
            assert_eq!(of(code).map(|grid| grid.alpha3), expected, "{code:?}");
        };
        check("DE", Some("DEU"));
        check(" deu ", Some("DEU"));
        check("GBR", Some("GBR"));
        check("Germany", None);
        check("", None);
    }

    #[test]
    fn ends_are_in_order_and_codes_are_one_each() {
        assert!(GRIDS.is_sorted_by(|a, b| a.alpha3 < b.alpha3));
        for grid in GRIDS {
            let Range { low, base, high } = grid.carbon;
            assert!(0.0 < low && low <= base && base <= high && high < 1.5, "{grid:?}");
            assert_eq!(of(grid.alpha2), Some(grid));
        }
    }
}
