//! The keys of all commands, and what the line understands in which a filter is typed (plain Rust).

mod examples;
mod keys;

pub use examples::examples;
pub use keys::keys;

/// Lines that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpSection {
    /// What they are about.
    pub title: String,
    /// The lines.
    pub lines: Vec<HelpLine>,
}

/// Something that can be pressed or typed, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpLine {
    /// What is pressed or typed.
    pub typed: String,
    /// What it does.
    pub meaning: String,
}

/// Returns what of some sections has every word of a text in it, in any case; sections of which
/// nothing has are left away.
#[must_use]
pub fn searched(sections: &[HelpSection], text: &str) -> Vec<HelpSection> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let fits = |section: &HelpSection, line: &HelpLine| {
        let all = format!("{} {} {}", section.title, line.typed, line.meaning).to_lowercase();
        words.iter().all(|word| all.contains(word.as_str()))
    };
    let parts = sections.iter().map(|section| HelpSection {
        title: section.title.clone(),
        lines: section.lines.iter().filter(|line| fits(section, line)).cloned().collect(),
    });
    parts.filter(|section| !section.lines.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_looked_for_in_what_is_typed_in_its_meaning_and_in_its_title() {
        let line = |typed: &str, meaning: &str| HelpLine {
            typed: typed.to_owned(),
            meaning: meaning.to_owned(),
        };
        let sections = [
            HelpSection {
                title: "Ячейки".to_owned(),
                lines: vec![line("Ctrl+Z", "Отменить"), line("Ctrl+Y", "Повторить")],
            },
            HelpSection { title: "Окно".to_owned(), lines: vec![line("F1", "Клавиши")] },
        ];
        let found = |text: &str| -> Vec<String> {
            let found = searched(&sections, text).into_iter().flat_map(|section| section.lines);
            found.map(|line| line.typed).collect()
        };
        assert_eq!(found("  "), ["Ctrl+Z", "Ctrl+Y", "F1"]);
        assert_eq!(found("ОТМЕН"), ["Ctrl+Z"]);
        assert_eq!(found("ctrl ячейки"), ["Ctrl+Z", "Ctrl+Y"]);
        assert_eq!(found("ctrl окно"), [""; 0]);
    }
}
