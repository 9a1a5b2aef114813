//! Tables of HTML, as which spreadsheets put cells on the clipboard beside the plain text.
//!
//! Only there are line breaks within cells safe (`LibreOffice` makes spaces of them in the plain text), and only
//! there can be said that digits are a text: `00012` is no number that stands for twelve.

use html5gum::{StartTag, Token, Tokenizer};

use crate::cells;

/// What says that a table comes from here: its plain text says more, as which cells are NULL.
const GENERATOR: &str = "Bindery";

/// Cells of a table that are read at most: a span says with few letters that there are many.
const MOST_CELLS: usize = 4_000_000;

/// The most columns and rows that a cell may say it spans.
const MOST_SPANNED: usize = 10_000;

/// Elements before and after which another line begins.
const BLOCKS: [&[u8]; 17] = [
    b"blockquote",
    b"dd",
    b"div",
    b"dt",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"li",
    b"ol",
    b"p",
    b"pre",
    b"section",
    b"tr",
    b"ul",
];

/// Elements whose text is none of the table's.
const HIDDEN: [&[u8]; 4] = [b"comment", b"script", b"style", b"title"];

/// Returns the rows and cells of the table that an HTML text is; a cell in which nothing stands is `None`. Nothing
/// where it is no table or more than one, and where [`html_table`] has made it.
///
/// Whitespace stands as it is, unless a line ends in it: then it is one space, as in HTML. A cell that spans others
/// stands in the first of these.
///
/// ```
/// use transfer::html_cells;
/// let some = |text: &str| Some(text.to_owned());
/// let table = "<table><tr><td>a<td>1<br>2</tr><tr><td colspan=2>&lt;b&gt;</td></tr></table>";
/// assert_eq!(html_cells(table).unwrap(), [[some("a"), some("1\n2")], [some("<b>"), None]]);
/// assert_eq!(html_cells("<p>no table</p>"), None);
/// ```
#[must_use]
pub fn html_cells(html: &str) -> Option<Vec<Vec<Option<String>>>> {
    let mut table = Table::default();
    for Ok(token) in Tokenizer::new(html) {
        match token {
            Token::StartTag(tag) => {
                if is_ours(&tag) {
                    return None;
                }
                table.start(&tag);
            }
            Token::EndTag(tag) => table.end(&tag.name),
            Token::String(text) => table.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
        if table.count > MOST_CELLS || table.has_more {
            return None;
        }
    }
    table.end_row();
    // What is hidden and does not end may have hidden cells.
    let Table { mut rows, hidden: 0, .. } = table else { return None };
    let width = rows.iter().map(Vec::len).max().filter(|width| *width > 0)?;
    if rows.len().saturating_mul(width) > MOST_CELLS {
        return None;
    }
    for row in &mut rows {
        row.resize(width, None);
    }
    Some(rows)
}

/// Makes a table of HTML of cells that are apart by tabs, as [`cells`] reads them. `is_text` says of each column
/// whether its values are texts, which spreadsheets are to keep as they are; the first line may be a `header`. Nothing
/// where texts have what readers of HTML would fold or take for something else: blanks at an end or two in a row, tabs,
/// control letters.
///
/// ```
/// use transfer::{html_cells, html_table};
/// let html = html_table("title\tprice\n007 & Co.\t2\n", &[true, false], true).unwrap();
/// assert!(html.contains("<th>title</th>") && html.contains(">007 &amp; Co.</td><td>2</td>"));
/// assert_eq!(html_cells(&html), None, "its plain text says more");
/// ```
#[must_use]
pub fn html_table(lines: &str, is_text: &[bool], header: bool) -> Option<String> {
    let mut html = String::with_capacity(2 * lines.len() + 256);
    html.push_str("<html><head><meta charset=\"utf-8\"><meta name=\"generator\" content=\"");
    html.push_str(GENERATOR);
    html.push_str("\"></head><body><table>");
    for (number, line) in cells(lines).into_iter().enumerate() {
        html.push_str("<tr>");
        for (place, cell) in line.into_iter().enumerate() {
            if cell.as_deref().is_some_and(is_folded) {
                return None;
            }
            let is_name = header && number == 0;
            let is_text = !is_name && is_text.get(place).copied().unwrap_or_default();
            html.push_str(match (is_name, is_text) {
                (true, _) => "<th>",
                // In the words of Excel, and in those of `LibreOffice`.
                (false, true) => "<td style='mso-number-format:\"\\@\"' sdnum=\"1033;0;@\">",
                (false, false) => "<td>",
            });
            push_escaped(&mut html, &cell.unwrap_or_default());
            html.push_str(if is_name { "</th>" } else { "</td>" });
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table></body></html>");
    Some(html)
}

/// Returns whether readers of HTML make another text of it.
fn is_folded(text: &str) -> bool {
    let is_folded =
        |line: &str| line.starts_with(' ') || line.ends_with(' ') || line.contains("  ");
    let is_odd = |letter: char| letter.is_control() && letter != '\n';
    text.contains(is_odd) || text.split('\n').any(is_folded)
}

fn push_escaped(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            // Without the style, Excel would begin another row.
            '\n' => html.push_str("<br style='mso-data-placement:same-cell'>"),
            letter => html.push(letter),
        }
    }
}

/// A table that is being read.
#[derive(Default)]
struct Table {
    /// In how many tables one is: those within a cell are a part of its text.
    depth: usize,
    /// In how many elements one is whose text is none of the table's.
    hidden: usize,
    rows: Vec<Vec<Option<String>>>,
    row: Option<Vec<Option<String>>>,
    cell: Option<Cell>,
    /// In how many rows to come a column is a part of a cell above.
    below: Vec<usize>,
    count: usize,
    /// Whether something stands outside of it.
    has_more: bool,
}

/// A cell that is being read.
#[derive(Default)]
struct Cell {
    text: String,
    columns: usize,
    rows: usize,
    /// Whether a block has begun or ended since the last letter.
    is_parted: bool,
    /// Whether a line of the source has ended since the last letter.
    is_folded: bool,
}

impl Cell {
    /// Adds a part of a line, after the blank that stands for the end of one before it.
    fn push(&mut self, part: &str) {
        if part.is_empty() {
            return;
        }
        let is_within = !self.text.is_empty() && !self.text.ends_with('\n');
        if std::mem::take(&mut self.is_folded) && is_within {
            self.text.push(' ');
        }
        self.text.push_str(part);
    }
}

impl Table {
    fn start(&mut self, tag: &StartTag<()>) {
        match tag.name.as_slice() {
            b"table" => {
                self.depth += 1;
                self.has_more |= self.depth == 1 && !self.rows.is_empty();
                if self.depth > 1 {
                    self.part();
                }
            }
            name if HIDDEN.contains(&name) => self.hidden += 1,
            b"tr" if self.depth == 1 => {
                self.end_row();
                self.row = Some(Vec::new());
            }
            b"td" | b"th" if self.depth == 1 => {
                self.end_cell();
                self.cell = Some(Cell {
                    columns: number(tag, "colspan"),
                    rows: number(tag, "rowspan"),
                    ..Cell::default()
                });
            }
            b"br" => {
                if let Some(cell) = &mut self.cell {
                    cell.is_folded = false;
                    cell.text.push('\n');
                }
            }
            b"td" | b"th" => self.part(),
            name if BLOCKS.contains(&name) => self.part(),
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        match name {
            b"table" => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.end_row();
                }
            }
            name if HIDDEN.contains(&name) => self.hidden = self.hidden.saturating_sub(1),
            b"tr" if self.depth == 1 => self.end_row(),
            b"td" | b"th" if self.depth == 1 => self.end_cell(),
            name if BLOCKS.contains(&name) => self.part(),
            _ => {}
        }
    }

    fn part(&mut self) {
        if let Some(cell) = &mut self.cell {
            cell.is_parted = !cell.text.is_empty();
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        let is_blank = text.trim().is_empty();
        let Some(cell) = &mut self.cell else {
            self.has_more |= !is_blank;
            return;
        };
        if cell.is_parted && !is_blank {
            cell.is_parted = false;
            if !cell.text.ends_with('\n') {
                cell.text.push('\n');
            }
        }
        let mut lines = text.split(['\n', '\r']);
        cell.push(lines.next().unwrap_or_default());
        for line in lines {
            let end = cell.text.trim_end_matches([' ', '\t']).len();
            cell.text.truncate(end);
            cell.is_folded = true;
            cell.push(line.trim_start_matches([' ', '\t']));
        }
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else { return };
        self.pass();
        let row = self.row.get_or_insert_default();
        // An empty cell of `LibreOffice` has a line break, one of Excel may have a blank.
        let mut text = Some(cell.text).filter(|text| !text.trim().is_empty());
        for _ in 0..cell.columns {
            if self.below.len() <= row.len() {
                self.below.resize(row.len() + 1, 0);
            }
            if let Some(below) = self.below.get_mut(row.len()) {
                // This row is counted when it ends.
                *below = cell.rows;
            }
            row.push(text.take());
            self.count += 1;
        }
    }

    /// Passes over columns that are a part of a cell above.
    fn pass(&mut self) {
        let row = self.row.get_or_insert_default();
        while self.below.get(row.len()).is_some_and(|below| *below > 0) {
            row.push(None);
            self.count += 1;
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if self.row.is_none() {
            return;
        }
        self.pass();
        let Some(row) = self.row.take() else { return };
        // A row without cells is a row to be gone through.
        self.count += self.below.len();
        for below in &mut self.below {
            *below = below.saturating_sub(1);
        }
        self.rows.push(row);
    }
}

fn number(tag: &StartTag<()>, name: &str) -> usize {
    let value = tag.attributes.get(name.as_bytes());
    let value = value.and_then(|value| std::str::from_utf8(value).ok()?.trim().parse().ok());
    value.unwrap_or(1).clamp(1, MOST_SPANNED)
}

fn is_ours(tag: &StartTag<()>) -> bool {
    let is = |name: &str, value: &str| {
        tag.attributes.get(name.as_bytes()).is_some_and(|it| it.as_slice() == value.as_bytes())
    };
    tag.name.as_slice() == b"meta" && is("name", "generator") && is("content", GENERATOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a row; nothing stands in cells of which nothing is said.
    fn row<const N: usize>(cells: [&str; N]) -> [Option<String>; N] {
        cells.map(|cell| (!cell.is_empty()).then(|| cell.to_owned()))
    }

    #[test]
    fn what_libreoffice_copies_keeps_its_line_breaks() {
        let table = r#"<!DOCTYPE html><html><head>
            <style type="text/css"> td { font-size:x-small } </style></head><body>
            <table cellspacing="0" border="0"><colgroup width="94"></colgroup>
            <tr>
                <td height="17" align="left">Solaris</td>
                <td align="right" sdval="1234.5" sdnum="1033;">1234.5</td>
                <td align="left" sdnum="1033;0;@">0306406157</td>
                <td align="left">line one<br>line two</td>
            </tr>
            <tr>
                <td height="17" align="left"><br></td>
                <td align="right">7</td>
                <td align="left">Żółw &amp; &lt;b&gt;</td>
                <td align="left">two  spaces</td>
            </tr></table></body></html>"#;
        let one = row(["Solaris", "1234.5", "0306406157", "line one\nline two"]);
        let other = row(["", "7", "Żółw & <b>", "two  spaces"]);
        assert_eq!(html_cells(table).unwrap(), [one, other]);
    }

    #[test]
    fn what_excel_copies_is_one_line_although_it_is_folded() {
        let table = "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><body>\
            <!--StartFragment-->\r\n<table><col width=64>\
            <tr height=20><td class=xl65>A long text that is\r\n  folded</td>\
            <td>1<br>\r\n    2</td><td><span style='mso-spacerun:yes'> </span>x</td></tr>\
            <!--EndFragment--></table></body></html>";
        let cells = row(["A long text that is folded", "1\n2", " x"]);
        assert_eq!(html_cells(table).unwrap(), [cells]);
    }

    #[test]
    fn blanks_that_stand_in_a_cell_are_kept_and_none_is_written_that_would_be_lost() {
        let table = "<table><tr><td>  two lead</td><td>trail  </td>\n<td>a\n  b\n</td></table>";
        assert_eq!(html_cells(table).unwrap(), [row(["  two lead", "trail  ", "a b"])]);
        for lost in ["a  b", " a", "a ", "a\u{85}b", "\"a\tb\"", "\"a\rb\"", "\"a\n b\""] {
            assert_eq!(html_table(lost, &[true], false), None, "{lost:?}");
        }
        assert!(html_table("\"a b\nc\"", &[true], false).unwrap().contains("a b<br"));
    }

    #[test]
    fn cells_that_span_others_leave_these_empty() {
        let table = "<table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr>\
                     <tr><td colspan=2>d</td></tr><tr><td>e</table>";
        let rows = [row(["a", "b"]), row(["", "c"]), row(["d", ""]), row(["e", ""])];
        assert_eq!(html_cells(table).unwrap(), rows);
    }

    #[test]
    fn a_table_within_a_cell_is_a_part_of_its_text_and_spans_are_bounded() {
        let table =
            "<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr></table>";
        assert_eq!(html_cells(table).unwrap(), [row(["a\nb", "c"])]);
        let wide = format!("<table>{}", "<tr><td colspan=99999>".repeat(500));
        assert_eq!(html_cells(&wide), None);
        let row = "<td colspan=10000>".repeat(300);
        let long = format!("<table><tr>{row}{}</table>", "<tr>".repeat(25_000));
        assert_eq!(html_cells(&long), None, "and at once");
        let parts = "<table><tr><td>a<table><tr><td>1</td><td>2</td></table><h3>b</h3>c</table>";
        assert_eq!(html_cells(parts).unwrap(), [[Some("a\n1\n2\nb\nc".to_owned())]]);
        for no_table in [
            "<table></table>",
            "<p>text",
            "text<table><td>a</table>",
            "<table><tr>b<td>a</table>",
            "<table><style><td>a</table>",
        ] {
            assert_eq!(html_cells(no_table), None);
        }
        let two = "<table><tr><td>a</table><table><tr><td>b</table>";
        assert_eq!(html_cells(two), None);
    }
}
