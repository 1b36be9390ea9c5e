//! Content codings: which one a client gets, and how it is made.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::base::error::{Error, Result};

/// A content coding (RFC 9110, 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    /// As it is.
    Identity,
    /// `gzip`.
    Gzip,
    /// `zstd`.
    Zstd,
    /// `br`.
    Brotli,
}

/// How much work compressing may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodingEffort {
    /// What is made once and sent often.
    Kept,
    /// What is sent once.
    Once,
}

impl ContentCoding {
    /// The codings, the one that makes the shortest answers last.
    pub const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Zstd, Self::Brotli];
    /// What is sent once is not worth Brotli.
    pub const QUICK: [Self; 2] = [Self::Gzip, Self::Zstd];

    /// What `Content-Encoding` says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Brotli => "br",
        }
    }

    /// What stands behind the ETag of the identity.
    pub fn etag_suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gz",
            Self::Zstd => "-zs",
            Self::Brotli => "-br",
        }
    }

    /// The coding for a client who sends this `Accept-Encoding`: of those offered what they like most, and among equals
    /// the shortest, which actix would not choose.
    pub fn chosen(accepted: Option<&str>, offered: &[Self]) -> Self {
        let Some(accepted) = accepted else {
            return Self::Identity;
        };
        let liked = qualities(accepted);
        // Identity may be sent wherever it is not refused; it is refused for something better only.
        let coded = Self::ALL
            .into_iter()
            .zip(liked)
            .filter(|(coding, _)| *coding != Self::Identity && offered.contains(coding));
        let [identity, ..] = liked;
        match coded.max_by_key(|(_, liked)| *liked) {
            Some((best, Some(liked))) if liked > 0 && liked >= identity.unwrap_or(0) => best,
            _ => Self::Identity,
        }
    }

    /// The bytes in this coding.
    ///
    /// # Errors
    /// 500 when a library fails.
    pub fn encode(self, bytes: &[u8], effort: CodingEffort) -> Result<Vec<u8>> {
        let is_kept = effort == CodingEffort::Kept;
        match self {
            Self::Identity => Ok(bytes.to_vec()),
            Self::Gzip => {
                let level = Compression::new(if is_kept { 6 } else { 1 });
                let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), level);
                encoder.write_all(bytes).map_err(Error::internal)?;
                encoder.finish().map_err(Error::internal)
            }
            Self::Zstd => zstd::bulk::compress(bytes, if is_kept { 3 } else { 1 }).map_err(Error::internal),
            Self::Brotli => {
                let params = brotli::enc::BrotliEncoderParams {
                    quality: 5,
                    lgwin: 18,
                    size_hint: bytes.len(),
                    ..Default::default()
                };
                let mut coded = Vec::with_capacity(bytes.len() / 4);
                brotli::BrotliCompress(&mut &*bytes, &mut coded, &params).map_err(Error::internal)?;
                Ok(coded)
            }
        }
    }
}

/// How much each coding is liked, in thousandths; `None` where nothing is said of it.
fn qualities(accepted: &str) -> [Option<u16>; 4] {
    let (mut liked, mut of_any) = ([None; 4], None);
    for item in accepted.split(',') {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = thousandths(weight);
        let name = name.trim();
        if name == "*" {
            of_any = Some(weight);
        }
        let known = |coding: &ContentCoding| {
            let is_old_name = *coding == ContentCoding::Gzip && name.eq_ignore_ascii_case("x-gzip");
            is_old_name || name.eq_ignore_ascii_case(coding.name())
        };
        let place = ContentCoding::ALL.iter().position(known);
        if let Some(liked) = place.and_then(|place| liked.get_mut(place)) {
            *liked = Some(weight);
        }
    }
    liked.map(|liked| liked.or(of_any))
}

/// A weight (RFC 9110, 12.4.2) in thousandths; what cannot be read refuses.
fn thousandths(weight: &str) -> u16 {
    let weight = weight.trim();
    if weight.is_empty() {
        return 1_000;
    }
    let value = weight
        .split_once('=')
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    let value: f32 = value.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0.0);
    if (0.0..=1.0).contains(&value) {
        // In range, so nothing is cut.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 1000"
        )]
        let thousandths = (value * 1_000.0) as u16;
        thousandths
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_reader_gets_what_they_like_most_and_among_equals_the_shortest() {
        use ContentCoding::{Brotli, Gzip, Identity, Zstd};
        for (accepted, kept, once) in [
            ("gzip, deflate, br, zstd", Brotli, Zstd),
            ("gzip", Gzip, Gzip),
            ("x-gzip", Gzip, Gzip),
            ("GZIP;q=0.5", Gzip, Gzip),
            ("br;q=0.5, gzip;q=0.8", Gzip, Gzip),
            ("br;q=0.5, gzip", Gzip, Gzip),
            ("br;q=0, gzip;q=0", Identity, Identity),
            ("*", Brotli, Zstd),
            ("*;q=0", Identity, Identity),
            ("br;q=0, *", Zstd, Zstd),
            ("identity", Identity, Identity),
            ("identity;q=0", Identity, Identity),
            ("identity, gzip;q=0.5", Identity, Identity),
            ("identity;q=0.5, gzip", Gzip, Gzip),
            ("deflate", Identity, Identity),
            ("gzip;q=nonsense", Identity, Identity),
            ("gzip;q=7", Identity, Identity),
            ("", Identity, Identity),
            (",;,=", Identity, Identity),
        ] {
            assert_eq!(
                ContentCoding::chosen(Some(accepted), &ContentCoding::ALL),
                kept,
                "{accepted}"
            );
            assert_eq!(
                ContentCoding::chosen(Some(accepted), &ContentCoding::QUICK),
                once,
                "{accepted}"
            );
        }
        assert_eq!(ContentCoding::chosen(None, &ContentCoding::ALL), Identity);
    }

    #[test]
    fn every_coding_can_be_read_back() {
        let text = "Accueil > News > Diplomatie. ".repeat(400);
        for coding in ContentCoding::ALL {
            for effort in [CodingEffort::Kept, CodingEffort::Once] {
                let coded = coding.encode(text.as_bytes(), effort).unwrap();
                let mut read = Vec::new();
                match coding {
                    ContentCoding::Identity => read.clone_from(&coded),
                    ContentCoding::Gzip => {
                        flate2::read::GzDecoder::new(&*coded).read_to_end(&mut read).unwrap();
                    }
                    ContentCoding::Zstd => read = zstd::decode_all(&*coded).unwrap(),
                    ContentCoding::Brotli => brotli::BrotliDecompress(&mut &*coded, &mut read).unwrap(),
                }
                assert_eq!(read, text.as_bytes(), "{coding:?}");
                assert!(
                    coding == ContentCoding::Identity || coded.len() < text.len() / 10,
                    "{coding:?}"
                );
            }
        }
    }
}
