//! Makes the documents from the code and writes them: `cargo run --example openapi`. The binary serves them as they are
//! committed, so it does not hold what makes them.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let documents = masthead::openapi::documents()?;
    for (name, text) in [
        ("delivery.json", documents.delivery),
        ("editorial.json", documents.editorial),
    ] {
        std::fs::write(Path::new("openapi").join(name), text)?;
    }
    Ok(())
}
