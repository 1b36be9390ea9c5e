//! What is wrong with the file, and where.

use std::fmt;

/// Why a file is refused: the line, counted from 1, and an English sentence for whoever uploaded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WxrError {
    /// The line at fault; for an element, the line where its tag starts.
    pub line: u64,
    /// What is wrong there.
    pub message: String,
}

impl WxrError {
    pub(crate) fn new(line: u64, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for WxrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for WxrError {}

pub(crate) type WxrResult<T> = std::result::Result<T, WxrError>;
