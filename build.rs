//! Packs what the binary carries (the documents, the page that shows them, the demo), and reads the routes from the
//! documents, so that no start has to.

use std::error::Error;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const DOCUMENTS: [&str; 2] = ["openapi/delivery.json", "openapi/editorial.json"];
const OTHER_FILES: [&str; 2] = ["src/app/swagger-initializer.js", "src/demo/newsroom.json"];
/// What the page needs of Swagger UI.
const PAGE_FILES: [&str; 7] = [
    "index.html",
    "index.css",
    "favicon-16x16.png",
    "favicon-32x32.png",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    let mut routes = String::new();
    for path in DOCUMENTS.into_iter().chain(OTHER_FILES) {
        println!("cargo::rerun-if-changed={path}");
        let bytes = std::fs::read(path)?;
        pack(&out, path, &bytes)?;
        if DOCUMENTS.contains(&path) {
            routes.push_str(&routes_of(&bytes)?);
        }
    }
    std::fs::write(out.join("routes.txt"), routes)?;
    // A word for eight addresses that the loader must shift, in place of three for each: 3 MB less.
    if packs_addresses() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    pack_page(&out)
}

/// Whether the loader of the machine that builds understands packed addresses: glibc does since 2.36.
fn packs_addresses() -> bool {
    let is_gnu = std::env::var_os("TARGET").is_some_and(|target| target.to_string_lossy().ends_with("-linux-gnu"));
    let asked = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = said
        .as_deref()
        .ok()
        .and_then(|said| said.trim().strip_prefix("glibc 2."));
    is_gnu
        && version
            .and_then(|minor| minor.parse::<u32>().ok())
            .is_some_and(|minor| minor >= 36)
}

/// Writes the file of this name, as gzip has it.
fn pack(out: &Path, path: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes)?;
    Ok(std::fs::write(out.join(format!("{name}.gz")), packed.finish()?)?)
}

/// A line for each operation: the method, the path, the names of its headers.
fn routes_of(document: &[u8]) -> Result<String, Box<dyn Error>> {
    let document: Value = serde_json::from_slice(document)?;
    let mut lines = String::new();
    for (path, operations) in document["paths"].as_object().ok_or("a document without paths")? {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            lines.push_str(&format!("{} {path}", method.to_ascii_uppercase()));
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for header in parameters.filter(|parameter| parameter["in"] == "header") {
                lines.push_str(&format!(
                    " {}",
                    header["name"].as_str().ok_or("a header without a name")?
                ));
            }
            lines.push('\n');
        }
    }
    Ok(lines)
}

fn pack_page(out: &Path) -> Result<(), Box<dyn Error>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let mut missing = PAGE_FILES.to_vec();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let path = file.name()?.to_string();
        let Some((_, name)) = path.split_once("/dist/") else {
            continue;
        };
        if missing.contains(&name) {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            pack(out, name, &bytes)?;
            missing.retain(|wanted| *wanted != name);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("Swagger UI lacks {missing:?}").into())
}
