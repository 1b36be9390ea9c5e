//! The floors of the house, and which files stand on which.

/// From the ground up: a file names only what stands on its own floor or below it.
pub const FLOORS: &[&str] = &[
    "base",
    "body",
    "access",
    "events",
    "media",
    "site",
    "search",
    "articles",
    "published",
    "editorial",
    "comments",
    "import",
    "delivery",
    "demo",
    "backup",
    "app",
    "worker",
    "openapi",
    "config",
    "cli",
    "main",
    "lib",
];

/// Floors that nobody has built yet.
pub const AWAITED: &[&str] = &["media"];

/// The name of a file's floor, be there such a floor or not.
pub fn floor_name(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// How high a file stands.
pub fn height(file: &str) -> Option<usize> {
    let name = floor_name(file);
    FLOORS.iter().position(|floor| *floor == name)
}

/// What is wrong with the plan above, given the files that there are.
pub fn faults_of_plan(files: &[&str]) -> Vec<String> {
    let is_empty = |floor: &str| !files.iter().any(|file| floor_name(file) == floor);
    let homeless = files
        .iter()
        .filter(|file| height(file).is_none())
        .map(|file| format!("{file} stands on no floor"));
    let missing = FLOORS
        .iter()
        .filter(|floor| is_empty(floor) && !AWAITED.contains(floor));
    let missing = missing.map(|floor| format!("no file stands on {floor}"));
    let built = AWAITED.iter().filter(|floor| !is_empty(floor));
    let built = built.map(|floor| format!("{floor} is built: await it no longer"));
    homeless.chain(missing).chain(built).collect()
}

/// The folder of a file. A file that stands directly in `src` is a folder of its own, as it is a floor of its own.
pub fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or(file, |(folder, _)| folder)
}
