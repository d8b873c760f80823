//! Costs: the constants of the value, by ends, with the name of what is missing where one is.
// SPDX-License-Identifier: Apache-2.0

use crate::policy::ValueConstant;
use cairn_schemas::assessment::{Cents, Constant, Range};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Something that may lack an input, which is then named.
pub(super) type Known<T> = Result<T, &'static str>;

/// More is no amount of money, and the sum of ten thousand such still fits.
const CENTS_MAX: f64 = 9e13;
const MONTHS: f64 = 12.0;

/// The constants, and which of them were used.
pub(super) struct Costs {
    constants: BTreeMap<String, ValueConstant>,
    used: RefCell<BTreeSet<&'static str>>,
}

impl Costs {
    pub(super) fn new(constants: BTreeMap<String, ValueConstant>) -> Self {
        Self { constants, used: RefCell::default() }
    }

    pub(super) fn get(&self, name: &'static str) -> Known<Range> {
        let constant = self.constants.get(name).ok_or(name)?;
        self.used.borrow_mut().insert(name);
        Ok(constant.value)
    }

    /// Energy of so many watts over a year, the building's share included, in the currency.
    pub(super) fn energy(&self, watts: Range) -> Known<Range> {
        let kwh = by(watts, self.get("hours_per_year")?, 1.0 / 1_000.0);
        Ok(by(by(kwh, self.get("pue")?, 1.0), self.get("electricity_price")?, 1.0))
    }

    /// The place of so many machines over a year.
    pub(super) fn space(&self, machines: f64) -> Known<Range> {
        let units = Range::of(machines);
        Ok(by(by(units, self.get("rack_units_per_server")?, 1.0), self.get("rack_unit_cost")?, 1.0))
    }

    /// What administrators cost a month for one server, of which each looks after so many.
    pub(super) fn labour(&self, servers_per_admin: &'static str) -> Known<Cents> {
        let year = over(self.get("admin_salary")?, self.get(servers_per_admin)?, servers_per_admin)?;
        month(year, "admin_salary")
    }

    /// Those used, as an assessment prints them.
    pub(super) fn printed(&self) -> Vec<Constant> {
        let used = self.used.borrow();
        used.iter().filter_map(|id| Some(self.constants.get(*id)?.printed(id))).collect()
    }
}

/// The product, end by end.
pub(super) fn by(a: Range, b: Range, factor: f64) -> Range {
    let each = |a: f64, b: f64| a * b * factor;
    Range { low: each(a.low, b.low), base: each(a.base, b.base), high: each(a.high, b.high) }
}

/// `a / b`, the least over the most. By nothing nothing can be said.
pub(super) fn over(a: Range, b: Range, name: &'static str) -> Known<Range> {
    if b.low > 0.0 && b.base > 0.0 && b.high > 0.0 {
        Ok(Range { low: a.low / b.high, base: a.base / b.base, high: a.high / b.low })
    } else {
        Err(name)
    }
}

/// A twelfth of a year's amount, in whole cents; the input is named where it is no amount of money.
pub(super) fn month(year: Range, name: &'static str) -> Known<Cents> {
    let each = |amount: f64| {
        let cents = (amount * 100.0 / MONTHS).round();
        if cents.abs() <= CENTS_MAX { Ok(cents as i64) } else { Err(name) }
    };
    Ok(Cents { low: each(year.low)?, base: each(year.base)?, high: each(year.high)? })
}
