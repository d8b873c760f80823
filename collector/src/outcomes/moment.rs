//! A moment from words by field: its figures are fields beside the others, each only where its moment has it.
// SPDX-License-Identifier: Apache-2.0

use super::Said;
use super::read::wrong;
use crate::decisions::Wrong;
use crate::nearest::meant;
use cairn_assess::journey;
use cairn_schemas::moment::{Moment, MomentFigure};

/// What a moment says beside its figures, as columns of a file.
pub(super) const FIELDS: [&str; 6] = ["moment", "on", "by", "owner", "words", "evidence"];

/// Reads a moment.
///
/// # Errors
/// No such moment; its day is none or lies ahead; a figure is no number, below 0 or of another moment.
pub fn moment(said: Said<'_>) -> Result<Moment, Wrong> {
    let moment = known(said.text("moment"))?;
    if said.text("on").is_empty() {
        return wrong("on", "is empty; a moment has a day");
    }
    let owner = said.short("owner")?;
    let words = match owner.as_str() {
        "" => said.short("words")?,
        _ => said.needed("words", "its owner is named, and said nothing")?,
    };
    Ok(Moment {
        moment: moment.to_owned(),
        by: said.who()?,
        on: said.past("on")?,
        words,
        owner,
        evidence: said.short("evidence")?,
        figures: figures(said, moment)?,
    })
}

/// A moment there is, or which one is nearest.
fn known(word: &str) -> Result<&'static str, Wrong> {
    match journey::moments().find(|known| *known == word) {
        Some(known) => Ok(known),
        None if word.is_empty() => wrong("moment", "is empty; `cairn journey phases` names all"),
        None => {
            let near = meant(word, journey::moments());
            wrong("moment", format!("there is no moment {word:?} (`cairn journey phases` names all){near}"))
        }
    }
}

fn figures(said: Said<'_>, moment: &str) -> Result<Vec<MomentFigure>, Wrong> {
    let of_it = journey::figures(moment);
    if let Some(other) = journey::all_figures().find(|id| !of_it.contains(id) && !said.text(id).is_empty()) {
        return wrong(
            other,
            match of_it {
                [] => format!("{moment} is told without figures"),
                _ => format!("is no figure of {moment}, which has {}", of_it.join(", ")),
            },
        );
    }
    let mut figures = Vec::new();
    for id in of_it {
        match said.number(id)? {
            Some(amount) if amount < 0.0 => return wrong(id, format!("{amount} is below 0")),
            Some(amount) => figures.push(MomentFigure { figure: (*id).to_owned(), amount }),
            None => {}
        }
    }
    Ok(figures)
}
