//! A block of cells as spreadsheets put it on the clipboard.

/// Returns the lines and cells of a text as spreadsheets copy a block: cells apart by tabs; those in which a
/// tab, a line break or a quotation mark stands, in quotation marks. A cell in which nothing stands is `None`; that
/// with the empty text has quotation marks. A line without anything is a line with one such cell, unless it is the
/// last one. (Readers of CSV leave such lines out: then all that follows would stand one row too high.)
///
/// ```
/// use transfer::cells;
/// let some = |text: &str| Some(text.to_owned());
/// assert_eq!(cells("a\t1\r\nb\t\"2\n3\"\r\n"), [[some("a"), some("1")], [some("b"), some("2\n3")]]);
/// assert_eq!(cells("one\n\n\"\""), [[some("one")], [None], [some("")]]);
/// assert_eq!(cells("4\" pipe\t\"so\" he said"), [[some("4\" pipe"), some("\"so\" he said")]]);
/// ```
#[must_use]
pub fn cells(text: &str) -> Vec<Vec<Option<String>>> {
    let (mut lines, mut line, mut rest) = (Vec::new(), Vec::new(), text);
    while !rest.is_empty() || !line.is_empty() {
        let (cell, after) = if let Some((cell, after)) = quoted(rest) {
            (Some(cell), after)
        } else {
            let end = rest.find(['\t', '\r', '\n']).unwrap_or(rest.len());
            let (cell, after) = rest.split_at(end);
            ((!cell.is_empty()).then(|| cell.to_owned()), after)
        };
        line.push(cell);
        if let Some(next) = after.strip_prefix('\t') {
            rest = next;
            continue;
        }
        lines.push(std::mem::take(&mut line));
        let end = ["\r\n", "\n", "\r"].iter().find_map(|end| after.strip_prefix(end));
        rest = end.unwrap_or_default();
    }
    lines
}

/// Returns the cell in quotation marks at the beginning of a text, and what follows; `None` where there is
/// none: a quotation mark may be just one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut cell, mut rest) = (String::new(), text.strip_prefix('"')?);
    loop {
        let (part, after) = rest.split_once('"')?;
        cell.push_str(part);
        match after.strip_prefix('"') {
            Some(next) => {
                cell.push('"');
                rest = next;
            }
            None if after.is_empty() || after.starts_with(['\t', '\r', '\n']) => {
                return Some((cell, after));
            }
            None => return None,
        }
    }
}
