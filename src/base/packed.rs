//! Files that the build has packed into the binary.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::base::error::{Error, Result};

/// The bytes of a file, as gzip has them.
#[derive(Clone, Copy)]
pub struct PackedFile(pub &'static [u8]);

/// The file that `build.rs` has packed under this name.
#[macro_export]
macro_rules! packed_file {
    ($name:literal) => {
        $crate::base::packed::PackedFile(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")))
    };
}

impl PackedFile {
    /// The bytes themselves.
    ///
    /// # Errors
    /// 500 when they are not gzip's.
    pub fn unpack(self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        GzDecoder::new(self.0)
            .read_to_end(&mut bytes)
            .map_err(Error::internal)?;
        Ok(bytes)
    }
}
