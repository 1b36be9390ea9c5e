//! A file of redirects: CSV in UTF-8 with a header. The columns `path`, `location`, `http_status` and `note` may be in
//! any order, separated by commas, semicolons or tabs; the last two may be left out. What spreadsheets write is
//! understood: a byte order mark, CRLF, quotes, lines without a value; so are the columns of other systems' plugins
//! ([`columns`](super::columns)), and paths that are written as URLs of the site.

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Map, Value};

use super::input::{NewRedirect, on_site};
use crate::base::error::{Code, Error, FieldCode, FieldError, Result};
use crate::base::http::body::FromBody;
use crate::base::http::fields;
use crate::base::limits;
use crate::site::redirects::columns::{RedirectColumn, check_other, read_header};

/// A row of a file.
#[derive(Debug)]
pub struct RedirectFileRow {
    /// The line on which it begins; the header's is 1.
    pub line: u64,
    /// The redirect, or what is wrong with it by column: `/path`.
    pub redirect: std::result::Result<NewRedirect, Vec<FieldError>>,
}

/// Reads a file whole, on the site at `public_url`.
///
/// # Errors
/// 400 `malformed_csv` where it is not CSV in UTF-8; 422 where a column is unknown or there are too many rows. What is
/// wrong with single rows is in [`RedirectFileRow`].
pub fn read(bytes: &[u8], public_url: &str) -> Result<Vec<RedirectFileRow>> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let reason = "it is not UTF-8: save the file as UTF-8 (in Excel: as CSV UTF-8)";
        malformed(1 + count(before, b'\n'), reason)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let (mut line, mut last) = (1, 0);
    let mut columns = None;
    let mut rows = Vec::new();
    while reader.read_record(&mut record).map_err(unreadable)? {
        let position = record.position().map_or(0, csv::Position::byte);
        let begin = start(text, usize::try_from(position).unwrap_or(0));
        line += breaks(text.get(last..begin).unwrap_or_default());
        last = begin;
        check_quotes(text, begin, line, &record)?;
        let Some(columns) = &columns else {
            columns = Some(read_header(record.iter())?);
            continue;
        };
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if rows.len() == limits::REDIRECT_ROWS {
            let error = FieldError::new("", FieldCode::TooMany).with("max", limits::REDIRECT_ROWS);
            return Err(Error::field(error));
        }
        rows.push(RedirectFileRow {
            line,
            redirect: read_row(columns, &record, public_url),
        });
    }
    if columns.is_none() {
        return Err(Error::field(FieldError::new("/path", FieldCode::Required)));
    }
    Ok(rows)
}

fn malformed(line: u64, reason: &str) -> Error {
    Error::new(Code::MalformedCsv).with("line", line).with("reason", reason)
}

fn unreadable(error: csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    malformed(line, &error.to_string())
}

fn count(bytes: &[u8], wanted: u8) -> u64 {
    bytes.iter().filter(|byte| **byte == wanted).map(|_| 1).sum()
}

/// Where a record really begins: the reader counts the end of the line before, and empty lines, as part of it.
fn start(text: &str, position: usize) -> usize {
    let rest = text.get(position..).unwrap_or_default();
    position + rest.len() - rest.trim_start_matches(['\r', '\n']).len()
}

/// How many lines end in a text.
fn breaks(text: &str) -> u64 {
    let lone = text.split('\r').skip(1).filter(|rest| !rest.starts_with('\n'));
    count(text.as_bytes(), b'\n') + lone.map(|_| 1).sum::<u64>()
}

/// The separator of the header's columns; the comma where there is none.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default().as_bytes();
    let mut found = b',';
    for candidate in [b';', b'\t'] {
        if count(header, candidate) > count(header, found) {
            found = candidate;
        }
    }
    found
}

/// A quote that is never closed would swallow the rest of the file, so the whole file is refused.
fn check_quotes(text: &str, begin: usize, line: u64, record: &StringRecord) -> Result<()> {
    let is_long = record.iter().any(|field| field.contains('\n'));
    let rest = text.get(begin..).unwrap_or_default().as_bytes();
    let reaches_end = is_long && record.iter().next_back().is_some_and(|last| text.ends_with(last));
    if reaches_end && count(rest, b'"') % 2 == 1 {
        return Err(malformed(line, "a quote opens there and is not closed"));
    }
    Ok(())
}

/// Reads a row as the body of `createRedirect`: an empty field is an absent member.
fn read_row(
    columns: &[Option<RedirectColumn>],
    record: &StringRecord,
    public_url: &str,
) -> std::result::Result<NewRedirect, Vec<FieldError>> {
    let mut members = Map::new();
    for (index, field) in record.iter().enumerate() {
        let field = field.trim();
        match columns.get(index).copied().flatten() {
            _ if field.is_empty() => {}
            Some(column) => {
                check_other(column, field).map_err(|error| vec![error])?;
                let value = match column {
                    RedirectColumn::HttpStatus => field.parse::<u32>().map_or_else(|_| Value::from(field), Value::from),
                    RedirectColumn::Path => Value::from(on_site(field, public_url)),
                    _ => Value::from(field),
                };
                members.extend(column.member().map(|member| (member.to_owned(), value)));
            }
            None => {
                let error = FieldError::new("", FieldCode::TooMany).with("max", columns.len());
                return Err(vec![error]);
            }
        }
    }
    fields::read_body(Value::Object(members), NewRedirect::read).map_err(|error| error.errors().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, String)> {
        let shown = |row: &RedirectFileRow| match &row.redirect {
            Ok(new) => format!(
                "{} {} {} {}",
                new.path,
                new.location.as_deref().unwrap_or("-"),
                new.http_status.map_or("-".to_owned(), |status| status.to_string()),
                new.note.as_deref().unwrap_or("-")
            ),
            Err(errors) => errors
                .iter()
                .map(|error| format!("{} {}", error.pointer, error.code.as_str()))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let rows = read(text.as_bytes(), "https://www.x.fr").unwrap_or_else(|error| panic!("{text:?}: {error}"));
        rows.iter().map(|row| (row.line, shown(row))).collect()
    }

    #[test]
    fn what_spreadsheets_write_is_understood() {
        let expected = vec![(2, "/a /b 302 Été, « deux »".to_owned()), (3, "/c - 410 -".to_owned())];
        for text in [
            "path,location,http_status,note\n/a,/b,302,\"Été, « deux »\"\n/c,,410,\n",
            "\u{feff}path;location;http_status;note\r\n/a;/b;302;Été, « deux »\r\n/c;;410;\r\n;;;\r\n",
            "note\tPATH\tlocation\t http_status \nÉté, « deux »\t/a\t/b\t302\n\t/c\t\t410",
            "\"path\",\"location\",\"http_status\",\"note\",\n\"/a\",\"/b\",\"302\",\"Été, « deux »\",\n/c,,410\n",
        ] {
            assert_eq!(rows(text), expected, "{text:?}");
        }
        for line_end in ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"] {
            let lines = rows(&["path,location", "/a,/b", "/c,/d", ""].join(line_end));
            let step = if line_end.len() > 2 || line_end == "\n\n" { 2 } else { 1 };
            let numbers: Vec<u64> = lines.iter().map(|(line, _)| *line).collect();
            assert_eq!(numbers, [1 + step, 1 + 2 * step], "{line_end:?}");
        }
        assert_eq!(rows("path,location\n/a,/b"), [(2, "/a /b - -".to_owned())]);
        assert_eq!(rows("path,location\n"), []);
        let long = "path,location,note\n/a,/b,\"un\r\ndeux \"\"trois\"\"\"\n\n/c,/d,\n";
        assert_eq!(
            rows(long),
            [
                (2, "/a /b - un\ndeux \"trois\"".to_owned()),
                (5, "/c /d - -".to_owned())
            ]
        );
    }

    #[test]
    fn the_columns_of_other_plugins_are_known_and_what_is_no_path_is_told() {
        let table: [(&str, &[(u64, &str)]); 7] = [
            (
                "source,target,regex,code,type,hits,title,status\n/a,/b,0,301,url,3,Vieux,active\n/c,/d,1,301,url,0,,active\n/e,/f,0,302,url,0,,disabled\n",
                &[
                    (2, "/a /b 301 Vieux"),
                    (3, "/path invalid_format"),
                    (4, "/path invalid_format"),
                ],
            ),
            ("old,new\n/a,/b\n", &[(2, "/a /b - -")]),
            (
                "Origin,Target,Type,Format\n/a,/b,301,plain\n/.*,/b,301,regex\n",
                &[(2, "/a /b 301 -"), (3, "/path invalid_format")],
            ),
            (
                "id,source,matching,destination,type,category,status\n1,/a,exact,/b,301,x,active\n2,/c,contains,/b,301,x,active\n",
                &[(2, "/a /b 301 -"), (3, "/path invalid_format")],
            ),
            (
                "Origin;Target;Type;Param;Enabled;Regex\n/a;/b;302;exact_match;yes;no\n",
                &[(2, "/a /b 302 -")],
            ),
            ("Old URL,New URL\n/a,/b\n", &[(2, "/a /b - -")]),
            (
                "path,location\nhttps://www.x.fr/vieux/,/b\nhttps://autre.fr/vieux,/b\n",
                &[(2, "/vieux /b - -"), (3, "/path invalid_format")],
            ),
        ];
        for (text, expected) in table {
            let found = rows(text);
            let shown: Vec<(u64, &str)> = found.iter().map(|(line, row)| (*line, row.as_str())).collect();
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_row_is_told_and_the_others_are_read() {
        let text = "path,location,http_status\n\
            a,/b,\n/a,,301\n/a,/b,410\n/a,/b,303\n/a,/b,abc\n,/b,\n/a,/b,301,x\n/a,javascript:x,\n\"/a\nb\",/b,\n/a\0,/b,\n/ok,/b,\n";
        let found = rows(text);
        let codes: Vec<&str> = found.iter().map(|(_, row)| row.as_str()).collect();
        assert_eq!(
            codes,
            [
                "/path invalid_format",
                "/location location_mismatch",
                "/location location_mismatch",
                "/http_status invalid_value",
                "/http_status wrong_type",
                "/path required",
                " too_many",
                "/location invalid_format",
                "/path forbidden_character",
                "/path forbidden_character",
                "/ok /b - -",
            ]
        );
        assert_eq!(found.last().map(|(line, _)| *line), Some(13));
    }

    #[test]
    fn a_file_that_is_none_is_refused_whole() {
        let table: [(&[u8], &str); 15] = [
            (b"", "422 /path required"),
            (b"\n\n", "422 /path required"),
            (b"location\n/a", "422 /path required"),
            (b"path\n/a", "422 /location required"),
            (b"path,location,colour\n", "422 /colour unknown_field"),
            (b"path,location,path\n", "422 /path duplicate_field"),
            (b"path;location,note\n", "422 /path;location unknown_field"),
            (b"path,location,code,http_status\n", "422 /http_status duplicate_field"),
            (
                b"a,b,c,d,e\n",
                "422 /a unknown_field /b unknown_field /c unknown_field /d unknown_field",
            ),
            (b"/a,/b\n/c,/d", "422 /~1a unknown_field /~1b unknown_field"),
            (b"path,location\n/a,/b\n/caf\xe9,/d\n", "400 line 3"),
            (b"\xff\xfep\0a\0t\0h\0", "400 line 1"),
            (b"path,location\n/a,\"/b\n/c,/d\n/e,/f", "400 line 2"),
            (b"path,location\n\"/a\",\"/b\n/c,/d", "400 line 2"),
            (b"\"path,location\n/a,/b\n", "400 line 1"),
        ];
        for (bytes, expected) in table {
            let error = read(bytes, "").unwrap_err();
            let mut told = error.code().status().to_string();
            for field in error.errors() {
                told.push_str(&format!(" {} {}", field.pointer, field.code.as_str()));
            }
            for (name, value) in error.params().iter().filter(|(name, _)| *name == "line") {
                told.push_str(&format!(" {name} {value}"));
            }
            assert_eq!(told, expected, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn rows_are_counted_and_a_stray_quote_does_no_harm() {
        let many = |count: usize| format!("path,location\n{}", "/a,/b\n".repeat(count));
        assert_eq!(rows(&many(limits::REDIRECT_ROWS)).len(), limits::REDIRECT_ROWS);
        let error = read(many(limits::REDIRECT_ROWS + 1).as_bytes(), "").unwrap_err();
        assert_eq!(error.errors()[0].code, FieldCode::TooMany);
        let stray = "path,location,note\n/a,/b,un 5\" de plus\n/c,/d,\n";
        assert_eq!(rows(stray).len(), 2);
        let last = "path,location,note\n/a,/b,\n/c,/d,un 5\" de plus";
        assert_eq!(rows(last).len(), 2);
    }

    #[test]
    fn an_unknown_column_is_shown_in_short_and_in_one_line() {
        for (name, shown) in [
            ("x".repeat(60), "x".repeat(60)),
            ("x".repeat(61), "x".repeat(60)),
            ("a\u{1}b".to_owned(), "ab".to_owned()),
        ] {
            let error = read(format!("path,location,{name}\n").as_bytes(), "").unwrap_err();
            assert_eq!(error.errors()[0].pointer, format!("/{shown}"));
        }
    }
}
