//! The bytes of the file on their way to the XML parser: UTF-8 for certain, without U+0000, with lines counted.
//!
//! The parser keeps a whole event in memory, so an unclosed CDATA section would make it swallow the rest of the file:
//! [`CheckedBytes::begin_event`] gives each event an allowance of bytes, and reading beyond it fails.
//!
//! Every byte is looked at a fixed number of times, whatever the length of lines and events.

use std::io::{self, BufRead, Read};
use std::str;

use super::error::WxrError;
use super::limits::{CHUNK_BYTES, MAX_CONTENT_BYTES, MAX_EVENT_BYTES, size};

/// The longest signature of [`SIGNATURES`].
const SIGNATURE_BYTES: usize = 4;

/// How files begin that people take for an export, and what they are.
const SIGNATURES: [(&[u8], &str); 4] = [
    (b"\xFF\xFE", "UTF-16, not UTF-8; convert it to UTF-8 first"),
    (b"\xFE\xFF", "UTF-16, not UTF-8; convert it to UTF-8 first"),
    (b"\x1F\x8B", "a gzip archive; unpack it first"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
];

/// A reader of checked bytes. An error it has given is explained by [`CheckedBytes::take_fault`].
pub(super) struct CheckedBytes<R> {
    inner: R,
    buffer: Vec<u8>,
    /// The next byte to hand out.
    start: usize,
    /// The end of the bytes that are checked.
    checked: usize,
    /// The end of the bytes that were read. A character cut in two may lie between.
    filled: usize,
    /// What follows the checked bytes, when they cannot be followed by more.
    bad: Option<String>,
    fault: Option<WxrError>,
    line: u64,
    event_line: u64,
    event_bytes_left: usize,
    bytes_read: u64,
}

impl<R: Read> CheckedBytes<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            buffer: vec![0; CHUNK_BYTES],
            start: 0,
            checked: 0,
            filled: 0,
            bad: None,
            fault: None,
            line: 1,
            event_line: 1,
            event_bytes_left: MAX_EVENT_BYTES,
            bytes_read: 0,
        }
    }

    /// The next byte is the first of an event: remembers its line, renews the allowance.
    pub(super) fn begin_event(&mut self) {
        self.event_line = self.line;
        self.event_bytes_left = MAX_EVENT_BYTES;
    }

    /// The line where the current event began.
    pub(super) fn event_line(&self) -> u64 {
        self.event_line
    }

    /// Bytes handed out so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Why reading failed; nothing if it did not.
    pub(super) fn take_fault(&mut self) -> Option<WxrError> {
        self.fault.take()
    }

    fn fail(&mut self, line: u64, message: String) -> io::Error {
        self.fault = Some(WxrError::new(line, message));
        io::Error::from(io::ErrorKind::InvalidData)
    }

    /// Reads and checks more bytes, once all checked ones are handed out. None are left at the end of the file.
    fn refill(&mut self) -> io::Result<()> {
        while self.bad.is_none() {
            let ended = self.read_more()?;
            if ended || self.filled >= SIGNATURE_BYTES || self.bytes_read > 0 {
                self.check(ended);
            }
            if ended || self.checked > 0 {
                break;
            }
        }
        match self.bad.take_if(|_| self.start == self.checked) {
            // All before is handed out, so this is the line of the byte at fault.
            Some(message) => Err(self.fail(self.line, message)),
            None => Ok(()),
        }
    }

    /// Moves the cut character to the front and reads behind it; true at the end of the file.
    fn read_more(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.checked..self.filled, 0);
        self.filled -= self.checked;
        (self.start, self.checked) = (0, 0);
        loop {
            match self.inner.read(&mut self.buffer[self.filled..]) {
                Ok(read) => {
                    self.filled += read;
                    return Ok(read == 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fail(self.line, format!("The file cannot be read: {error}."))),
            }
        }
    }

    /// Finds how far the bytes are text, and what is wrong with those behind.
    fn check(&mut self, ended: bool) {
        let bytes = &self.buffer[..self.filled];
        if self.bytes_read == 0
            && let Some((_, what)) = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature))
        {
            self.bad = Some(format!("The file is {what}."));
            return;
        }
        let (text, cut) = match str::from_utf8(bytes) {
            Ok(_) => (bytes, false),
            Err(error) => (&bytes[..error.valid_up_to()], error.error_len().is_some() || ended),
        };
        self.checked = text.len();
        if cut {
            self.bad = Some("The text is not UTF-8: it holds a byte that no character has there.".to_owned());
        }
        if text.contains(&0) {
            self.checked = text.iter().take_while(|byte| **byte != 0).count();
            self.bad = Some("The text holds the character U+0000: the file is damaged, or UTF-16.".to_owned());
        }
    }
}

impl<R: Read> BufRead for CheckedBytes<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.event_bytes_left == 0 {
            let limit = size(MAX_CONTENT_BYTES);
            let message =
                format!("The tag, comment or text that starts here is larger than {limit}, or is not closed.");
            return Err(self.fail(self.event_line, message));
        }
        if self.start == self.checked {
            self.refill()?;
        }
        let end = self.checked.min(self.start.saturating_add(self.event_bytes_left));
        Ok(&self.buffer[self.start..end])
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.checked - self.start).min(self.event_bytes_left);
        let used = &self.buffer[self.start..self.start + amount];
        self.line += used.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.bytes_read += amount as u64;
        self.event_bytes_left -= amount;
        self.start += amount;
    }
}

impl<R: Read> Read for CheckedBytes<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let amount = available.len().min(out.len());
        out[..amount].copy_from_slice(&available[..amount]);
        self.consume(amount);
        Ok(amount)
    }
}
