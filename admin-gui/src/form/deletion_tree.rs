//! What a deletion takes along, by what it belongs to.

use egui::{Color32, Label, RichText, Ui};
use egui_material_icons::MaterialIcon;
use persistence::deletion::{Consequence, Count, DeletionPlan};
use persistence::{EntityMeta, OnDelete};

use crate::i18n::Texts;
use crate::theme::{Theme, icon};
use crate::tr;

/// How far a line stands to the right of what it belongs to, in points.
const INDENT: f32 = 18.0;

/// Lines that are shown: entities that refer to each other in many ways make long trees.
const MOST_LINES: usize = 200;

/// Draws the tree.
pub(super) fn show(ui: &mut Ui, texts: &Texts, theme: &Theme, plan: &DeletionPlan) {
    for (depth, consequence) in lines(plan) {
        ui.horizontal(|ui| {
            ui.add_space(INDENT * depth as f32);
            let (icon, color) = mark(theme, consequence.rule);
            ui.label(icon.rich_text().color(color));
            let line = tr!(
                texts,
                "deletion-line-column",
                entity = texts.entity(consequence.entity),
                column = texts.column(consequence.entity, consequence.column),
                count = counted(texts, consequence.count)
            );
            ui.add(Label::new(RichText::new(line)).truncate());
        });
    }
}

/// Returns the mark of what a rule does, and its colour.
pub(super) fn mark(theme: &Theme, rule: OnDelete) -> (MaterialIcon, Color32) {
    match rule {
        OnDelete::Restrict => (icon::ICON_BLOCK, theme.colors.wrong),
        OnDelete::Cascade => (icon::ICON_DELETE, theme.colors.wrong),
        OnDelete::SetNull => (icon::ICON_LINK_OFF, theme.colors.staged),
    }
}

pub(super) fn counted(texts: &Texts, count: Count) -> String {
    match count {
        Count::Exactly(number) => texts.number(number),
        Count::AtLeast(number) => tr!(texts, "deletion-at-least", count = number),
    }
}

/// Returns what goes along, each after what it belongs to and with how deep below the rows it is.
fn lines(plan: &DeletionPlan) -> Vec<(usize, &Consequence)> {
    let mut lines = Vec::new();
    let mut path = vec![plan.entity];
    below(plan, &mut path, &mut lines);
    lines
}

fn below<'p>(
    plan: &'p DeletionPlan,
    path: &mut Vec<&'static EntityMeta>,
    lines: &mut Vec<(usize, &'p Consequence)>,
) {
    let Some(parent) = path.last().copied() else { return };
    let depth = path.len() - 1;
    for consequence in &plan.consequences {
        if consequence.referred.table != parent.table || lines.len() == MOST_LINES {
            continue;
        }
        lines.push((depth, consequence));
        let is_circle = path.iter().any(|entity| entity.table == consequence.entity.table);
        // Only what is deleted takes something along.
        if consequence.rule == OnDelete::Cascade && !is_circle {
            path.push(consequence.entity);
            below(plan, path, lines);
            path.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use persistence::Entity;
    use persistence::deletion::Count;

    use super::*;
    use crate::samples::{Loan, Reader, Volume, Writer};

    fn consequence(
        entity: &'static EntityMeta,
        referred: &'static EntityMeta,
        rule: OnDelete,
    ) -> Consequence {
        let column = entity.columns.first().expect("a column");
        let (count, samples) = (Count::Exactly(1), Vec::new());
        Consequence { entity, column, referred, rule, count, samples }
    }

    #[test]
    fn each_line_stands_below_what_it_belongs_to_and_circles_end() {
        let (reader, loan) = (Reader::meta(), Loan::meta());
        let (writer, volume) = (Writer::meta(), Volume::meta());
        let consequences = vec![
            consequence(loan, reader, OnDelete::Cascade),
            consequence(writer, reader, OnDelete::Cascade),
            consequence(volume, loan, OnDelete::Cascade),
            consequence(reader, volume, OnDelete::Cascade),
            consequence(volume, writer, OnDelete::SetNull),
        ];
        let plan = DeletionPlan { entity: reader, rows: 1, consequences };
        let lines: Vec<_> =
            lines(&plan).iter().map(|(depth, it)| (*depth, it.entity.table)).collect();
        let expected =
            [(0, "loans"), (1, "volumes"), (2, "readers"), (0, "writers"), (1, "volumes")];
        assert_eq!(lines, expected);
    }
}
