//! The value over the months: when it comes, when it is back, what it is worth today.
// SPDX-License-Identifier: Apache-2.0

use super::context::{Case, Context};
use super::{Course, LINES};
use cairn_schemas::assessment::{PaybackMonths, Range, ValueKind, ValueMonth, ValueView, ValueYear};

/// Years people ask for besides those of the policy.
const VIEWS: [u32; 2] = [3, 5];

/// Cash and avoided purchases up to each month; month 0 is what is spent once.
pub(super) fn by_month(context: &Context<'_>) -> Vec<ValueMonth> {
    let once = |case| {
        let lines = LINES.iter().filter(|line| matches!(line.course, Course::Once));
        lines.map(|line| (line.amount)(context, case)).sum()
    };
    let mut so_far =
        ValueMonth { month: 0, cumulated_cash: Case::each(once), cumulated_avoided: Range::default() };
    let mut months = vec![so_far];
    for month in 1..=context.months() {
        so_far = ValueMonth {
            month,
            cumulated_cash: so_far.cumulated_cash.plus(sum(context, ValueKind::CashAnnual, month)),
            cumulated_avoided: so_far.cumulated_avoided.plus(sum(context, ValueKind::AvoidedAnnual, month)),
        };
        months.push(so_far);
    }
    months
}

/// All lines of a kind in a month.
fn sum(context: &Context<'_>, kind: ValueKind, month: u32) -> Range {
    let lines = || LINES.iter().filter(|line| line.kind == kind);
    Case::each(|case| lines().map(|line| line.in_month(context, case, month)).sum())
}

/// Cash up to the end of each year.
pub(super) fn by_year(months: &[ValueMonth]) -> Vec<ValueYear> {
    let ends = months.iter().filter(|month| month.month > 0 && month.month % 12 == 0);
    ends.map(|month| ValueYear { year: month.month / 12, cumulated_cash: month.cumulated_cash }).collect()
}

/// The first month from which on nothing is missing any more; `None` where the years looked at have none.
pub(super) fn payback(months: &[ValueMonth], of: impl Fn(&ValueMonth) -> Range) -> PaybackMonths {
    let first = |case: Case| {
        let missing = months.iter().rposition(|month| case.of(of(month)) < 0.0);
        let back = months.get(missing.map_or(0, |last| last + 1));
        back.map(|month| f64::from(month.month))
    };
    PaybackMonths { low: first(Case::Low), base: first(Case::Base), high: first(Case::High) }
}

/// What comes within three years, five, and those of the policy.
pub(super) fn views(context: &Context<'_>, months: &[ValueMonth]) -> Vec<ValueView> {
    let mut years: Vec<u32> =
        VIEWS.into_iter().filter(|years| *years <= context.policy.value.years).collect();
    years.push(context.policy.value.years);
    years.sort_unstable();
    years.dedup();
    years.into_iter().filter_map(|years| view(context, months, years)).collect()
}

fn view(context: &Context<'_>, months: &[ValueMonth], years: u32) -> Option<ValueView> {
    let last = months.get(years as usize * 12)?;
    let over = |kind| {
        let of_month = |month| sum(context, kind, month);
        (1..=last.month).map(of_month).fold(Range::default(), Range::plus)
    };
    Some(ValueView {
        years,
        cash: last.cumulated_cash,
        avoided: last.cumulated_avoided,
        soft: over(ValueKind::SoftAnnual),
        carbon_kg: over(ValueKind::CarbonAnnual),
        present_value: context
            .policy
            .value
            .hurdle_ratio
            .map(|rate| present_value(&months[..=last.month as usize], rate)),
    })
}

/// Cash of each month over `(1 + rate)^(month / 12)`: above 0 it earns more than the customer asks of money.
fn present_value(months: &[ValueMonth], rate: f64) -> Range {
    let worth = |case: Case| {
        let mut before = 0.0;
        let mut sum = 0.0;
        for month in months {
            let now = case.of(month.cumulated_cash);
            sum += (now - before) / (1.0 + rate).powf(f64::from(month.month) / 12.0);
            before = now;
        }
        sum
    };
    Case::each(worth)
}
