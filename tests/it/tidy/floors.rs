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
pub const AWAITED: &[&str] = &["events", "media", "worker"];

/// What stands on a floor whose folder it is not in; the longest beginning of a path decides. A line goes once its
/// files are where they belong, and all else stands on the floor that is called like the first part of its path.
pub const ROOMS: &[(&str, &str)] = &[
    ("articles/api.rs", "editorial"),
    ("articles/at_path.rs", "delivery"),
    ("articles/autosaves", "editorial"),
    ("articles/beside.rs", "delivery"),
    ("articles/body", "body"),
    ("articles/corrections/delivery.rs", "delivery"),
    ("articles/delivery.rs", "delivery"),
    ("articles/desk", "editorial"),
    ("articles/diff", "editorial"),
    ("articles/editing.rs", "editorial"),
    ("articles/html", "body"),
    ("articles/html_blocks", "body"),
    ("articles/image.rs", "body"),
    ("articles/input.rs", "editorial"),
    ("articles/jsonld.rs", "delivery"),
    ("articles/leases", "editorial"),
    ("articles/listing", "delivery"),
    ("articles/notes", "editorial"),
    ("articles/press.rs", "published"),
    ("articles/previews", "published"),
    ("articles/previews/api.rs", "editorial"),
    ("articles/previews/delivery.rs", "delivery"),
    ("articles/published", "published"),
    ("articles/reading.rs", "delivery"),
    ("articles/related", "delivery"),
    ("articles/revisions/api.rs", "editorial"),
    ("articles/suspects", "editorial"),
    ("articles/validate.rs", "editorial"),
    ("articles/view.rs", "editorial"),
    ("articles/workflow", "editorial"),
    ("audit", "access"),
    ("auth", "access"),
    ("auth/secrets.rs", "base"),
    ("captcha", "comments"),
    ("clock.rs", "base"),
    ("comments/policy.rs", "site"),
    ("contributors", "site"),
    ("db", "base"),
    ("edits.rs", "access"),
    ("error.rs", "base"),
    ("feeds", "delivery"),
    ("http", "base"),
    ("jobs.rs", "base"),
    ("limits.rs", "base"),
    ("metrics.rs", "base"),
    ("operations.rs", "app"),
    ("packages", "published"),
    ("packages/api.rs", "editorial"),
    ("packages/delivery.rs", "delivery"),
    ("pages", "delivery"),
    ("pages/model.rs", "site"),
    ("paths", "site"),
    ("redirects", "site"),
    ("schedule", "articles"),
    ("schedule/api.rs", "editorial"),
    ("schedule/input.rs", "editorial"),
    ("schedule/scheduler.rs", "editorial"),
    ("schedule/views.rs", "editorial"),
    ("search/delivery.rs", "delivery"),
    ("search/find.rs", "delivery"),
    ("search/suggest.rs", "delivery"),
    ("search/views.rs", "delivery"),
    ("sections", "site"),
    ("sitemaps", "delivery"),
    ("slug.rs", "base"),
    ("tags", "site"),
    ("takedowns.rs", "site"),
    ("text", "base"),
];

/// The name of a file's floor, be there such a floor or not.
pub fn floor_name(file: &str) -> &str {
    let rooms = ROOMS.iter().filter(|(room, _)| is_in(file, room));
    match rooms.max_by_key(|(room, _)| room.len()) {
        Some((_, floor)) => floor,
        None => file.split('/').next().unwrap().trim_end_matches(".rs"),
    }
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
    let rooms = ROOMS
        .iter()
        .filter(|(room, _)| !files.iter().any(|file| is_in(file, room)));
    let rooms = rooms.map(|(room, _)| format!("no file is in the room {room}: take it off the plan"));
    let missing = FLOORS
        .iter()
        .filter(|floor| is_empty(floor) && !AWAITED.contains(floor));
    let missing = missing.map(|floor| format!("no file stands on {floor}"));
    let built = AWAITED.iter().filter(|floor| !is_empty(floor));
    let built = built.map(|floor| format!("{floor} is built: await it no longer"));
    homeless.chain(rooms).chain(missing).chain(built).collect()
}

fn is_in(file: &str, room: &str) -> bool {
    file.strip_prefix(room)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folder of a file. A file that stands directly in `src` is a folder of its own, as it is a floor of its own.
pub fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or(file, |(folder, _)| folder)
}
