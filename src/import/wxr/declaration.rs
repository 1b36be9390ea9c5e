//! The XML declaration, `<?xml version="1.0" encoding="UTF-8"?>` (XML 1.0, production 23).

use crate::import::wxr::attributes::Attributes;
use crate::import::wxr::text::shortened;

/// The encodings that are UTF-8 or a part of it.
const ENCODINGS: [&str; 3] = ["utf-8", "utf8", "us-ascii"];

/// Checks what stands between `<?` and `?>`. A later version 1.x is read as 1.0, as the fifth edition asks.
pub(super) fn check(raw: &str) -> Result<(), String> {
    let attributes = Attributes::parse(raw.strip_prefix("xml").unwrap_or(raw))?;
    let mut fields = attributes.iter().peekable();
    if fields
        .next_if(|(name, value)| *name == "version" && is_version_1(value))
        .is_none()
    {
        return Err("The XML declaration does not start with version=\"1.0\".".to_owned());
    }
    if let Some((_, encoding)) = fields.next_if(|(name, _)| *name == "encoding")
        && !ENCODINGS.iter().any(|known| encoding.eq_ignore_ascii_case(known))
    {
        let encoding = shortened(encoding);
        return Err(format!(
            "The file is in the encoding {encoding}; only UTF-8 can be read: convert it first."
        ));
    }
    fields.next_if(|(name, value)| *name == "standalone" && matches!(*value, "yes" | "no"));
    match fields.next() {
        Some((name, _)) => Err(format!("The XML declaration may not say {} so.", shortened(name))),
        None => Ok(()),
    }
}

fn is_version_1(value: &str) -> bool {
    let minor = value.strip_prefix("1.").unwrap_or_default();
    !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
}
