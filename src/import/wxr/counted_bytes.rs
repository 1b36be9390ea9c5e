//! The bytes of the file on their way to the XML parser, with lines counted.
//!
//! The parser keeps a whole event in memory, so an unclosed CDATA section would make it swallow the rest of the file:
//! [`CountedBytes::begin_event`] gives each event an allowance of bytes, and reading beyond it fails.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use crate::import::wxr::error::{WxrError, WxrResult};
use crate::import::wxr::limits::{CHUNK_BYTES, MAX_CONTENT_BYTES, MAX_EVENT_BYTES, size};

/// The longest signature of [`SIGNATURES`], and more than a byte order mark.
const SIGNATURE_BYTES: usize = 4;
/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How files begin that people take for an export, and what they are.
const SIGNATURES: [(&[u8], &str); 4] = [
    (b"\xFF\xFE", "UTF-16, not UTF-8; convert it to UTF-8 first"),
    (b"\xFE\xFF", "UTF-16, not UTF-8; convert it to UTF-8 first"),
    (b"\x1F\x8B", "a gzip archive; unpack it first"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
];

/// A reader that counts. The parser passes on a [`WxrError`] of its own within an I/O error.
pub(super) struct CountedBytes<R> {
    /// The start of the file, once it was looked at, and the rest.
    inner: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    line: u64,
    event_line: u64,
    event_bytes_left: usize,
    bytes_read: u64,
    /// The line of the first U+0000.
    zero_line: Option<u64>,
}

impl<R: Read> CountedBytes<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner: BufReader::with_capacity(CHUNK_BYTES, Cursor::new(Vec::new()).chain(inner)),
            line: 1,
            event_line: 1,
            event_bytes_left: MAX_EVENT_BYTES,
            bytes_read: 0,
            zero_line: None,
        }
    }

    /// Looks at how the file starts, before anything else is read, and passes over what is blank before it. How many
    /// blank bytes stood before an XML declaration.
    pub(super) fn begin_file(&mut self) -> io::Result<u64> {
        let (start, rest) = self.inner.get_mut().get_mut();
        let start = start.get_mut();
        let mut blank = 0;
        loop {
            let missing = SIGNATURE_BYTES.saturating_sub(start.len());
            rest.take(missing as u64).read_to_end(start)?;
            if let Some((_, what)) = SIGNATURES.iter().find(|(bytes, _)| start.starts_with(bytes)) {
                return Err(io::Error::other(WxrError::new(1, format!("The file is {what}."))));
            }
            let is_mark = start.starts_with(BYTE_ORDER_MARK);
            let is_blank = start.first().is_some_and(u8::is_ascii_whitespace);
            if !is_mark && !is_blank || self.bytes_read > CHUNK_BYTES as u64 {
                break;
            }
            let passed = start.drain(..if is_mark { BYTE_ORDER_MARK.len() } else { 1 });
            self.line += line_ends(passed.as_slice());
            self.bytes_read += passed.len() as u64;
            blank += u64::from(is_blank);
        }
        Ok(if start.starts_with(b"<?xm") { blank } else { 0 })
    }

    /// The next byte is the first of an event: remembers its line, renews the allowance.
    pub(super) fn begin_event(&mut self) {
        self.event_line = self.line;
        self.event_bytes_left = MAX_EVENT_BYTES;
    }

    /// Refuses U+0000 in what was handed out: the parser takes it for text, or for a part of a name.
    pub(super) fn check_damage(&self) -> WxrResult<()> {
        let message = "The text holds the character U+0000: the file is damaged, or UTF-16.";
        self.zero_line.map_or(Ok(()), |line| Err(WxrError::new(line, message)))
    }

    /// The line where the current event began.
    pub(super) fn event_line(&self) -> u64 {
        self.event_line
    }

    /// Bytes handed out so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }
}

impl<R: Read> BufRead for CountedBytes<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.event_bytes_left == 0 {
            let limit = size(MAX_CONTENT_BYTES);
            let message =
                format!("The tag, comment or text that starts here is larger than {limit}, or is not closed.");
            return Err(io::Error::other(WxrError::new(self.event_line, message)));
        }
        let bytes = self.inner.fill_buf()?;
        Ok(&bytes[..bytes.len().min(self.event_bytes_left)])
    }

    fn consume(&mut self, amount: usize) {
        let used = &self.inner.buffer()[..amount];
        if self.zero_line.is_none() && used.contains(&0) {
            let before = used.split(|byte| *byte == 0).next().unwrap_or_default();
            self.zero_line = Some(self.line + line_ends(before));
        }
        self.line += line_ends(used);
        self.bytes_read += amount as u64;
        self.event_bytes_left -= amount;
        self.inner.consume(amount);
    }
}

impl<R: Read> Read for CountedBytes<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let amount = self.fill_buf()?.read(out)?;
        self.consume(amount);
        Ok(amount)
    }
}

/// How many lines end within the bytes.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
