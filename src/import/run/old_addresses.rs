//! Where things were in WordPress: the addresses of items, now and before they were renamed, and those of archives.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use ammonia::Url;

use crate::base::limits;
use crate::import::wxr::WxrItem;
use crate::site::paths::address;

/// Old addresses of one item that are kept.
const MAX_ADDRESSES: usize = 20;

/// The path of an item's address on its site; none for `?p=N`.
pub(super) fn path_of(link: &str, source: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let bare = |host: &str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    let host = source.split(['/', ':']).next().unwrap_or_default();
    let is_ours = url.host_str().is_some_and(|found| bare(found) == bare(host));
    let path = address::key(url.path());
    let is_good = is_ours && url.query().is_none() && path != "/" && path.len() <= limits::ADDRESS_BYTES;
    is_good.then_some(path)
}

/// The paths that an item had before: WordPress keeps the slugs and the dates that were changed, and leads on from
/// both.
pub(super) fn former_paths(item: &WxrItem, source: &str) -> Vec<String> {
    let Some(path) = path_of(&item.link, source) else {
        return Vec::new();
    };
    let segment = |name: &str| address::key(&format!("/{name}")).trim_start_matches('/').to_owned();
    let slug = segment(&item.post_name);
    let mut paths = vec![path.clone()];
    for old in item
        .all_meta("_wp_old_slug")
        .filter(|old| !old.is_empty() && !item.post_name.is_empty())
    {
        let renamed: Vec<String> = path
            .split('/')
            .map(|part| renamed(part, &slug, &segment(old)))
            .collect();
        paths.push(renamed.join("/"));
    }
    if let Some(date) = item.post_date {
        let dated: Vec<String> = item
            .all_meta("_wp_old_date")
            .flat_map(|old| paths.iter().filter_map(move |path| redated(path, date, old)))
            .collect();
        paths.extend(dated);
    }
    let mut seen = HashSet::from([path]);
    paths.retain(|path| path.len() <= limits::ADDRESS_BYTES && seen.insert(path.clone()));
    paths.truncate(MAX_ADDRESSES);
    paths
}

/// A part of a path with another slug in place of the one that it is, an ending such as `.html` aside.
fn renamed(part: &str, slug: &str, old: &str) -> String {
    match part.strip_prefix(slug) {
        Some(ending) if ending.is_empty() || ending.starts_with('.') => format!("{old}{ending}"),
        _ => part.to_owned(),
    }
}

/// A path with another date, `2024-03-05`, in place of the one that it holds.
fn redated(path: &str, date: chrono::NaiveDateTime, old: &str) -> Option<String> {
    let old = chrono::NaiveDate::parse_from_str(old.get(..10)?, "%Y-%m-%d").ok()?;
    ["/%Y/%m/%d/", "/%Y/%m/", "/%Y/"].into_iter().find_map(|form| {
        let now = date.format(form).to_string();
        path.contains(&now)
            .then(|| path.replacen(&now, &old.format(form).to_string(), 1))
    })
}

/// A path as a set of many keeps it: within one run, for the hash may be another in the next release.
pub(super) fn path_mark(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

/// The path of an archive, such as `/category/regions/nord` on a site whose base is `category`; `source` is the address
/// of the site.
pub(super) fn archive_path(source: &str, base: &str, slugs: &[String]) -> Option<String> {
    let folder = source.split_once('/').map_or("", |(_, folder)| folder);
    let parts = [folder, base.trim_matches('/')]
        .into_iter()
        .filter(|part| !part.is_empty());
    let path: String = parts
        .chain(slugs.iter().map(String::as_str))
        .fold(String::new(), |path, part| path + "/" + part);
    let path = address::key(&path);
    (!base.trim_matches('/').is_empty() && path.len() <= limits::ADDRESS_BYTES).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_link_is_a_path_of_the_same_site() {
        let table = [
            ("https://www.x.fr/2020/titre/", Some("/2020/titre")),
            ("http://x.fr/caf%c3%a9/", Some("/café")),
            ("https://x.fr/?p=12", None),
            ("https://y.fr/titre", None),
            ("https://x.fr/", None),
            ("", None),
        ];
        for (link, path) in table {
            assert_eq!(path_of(link, "x.fr/blog").as_deref(), path, "{link}");
        }
    }

    #[test]
    fn an_item_was_where_its_former_slugs_and_dates_put_it() {
        let former = |link: &str, slug: &str, meta: &[(&str, &str)]| {
            let item = WxrItem {
                link: link.to_owned(),
                post_name: slug.to_owned(),
                post_date: chrono::NaiveDate::from_ymd_opt(2024, 3, 5).and_then(|day| day.and_hms_opt(9, 0, 0)),
                meta: meta
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                    .collect(),
                ..WxrItem::default()
            };
            former_paths(&item, "x.fr")
        };
        let (slug, date) = ("_wp_old_slug", "_wp_old_date");
        assert_eq!(
            former("https://x.fr/2024/03/b/", "b", &[(slug, "a"), (slug, "b"), (slug, "a")]),
            ["/2024/03/a"]
        );
        assert_eq!(
            former("https://x.fr/2024/03/05/b/", "b", &[(slug, "a"), (date, "2023-12-31")]),
            ["/2024/03/05/a", "/2023/12/31/b", "/2023/12/31/a"]
        );
        assert_eq!(
            former("https://x.fr/sport/b.html", "b", &[(slug, "a")]),
            ["/sport/a.html"]
        );
        assert_eq!(former("https://x.fr/sport/bb/", "b", &[(slug, "a")]), [""; 0]);
        assert_eq!(
            former("https://x.fr/%c3%a9t%c3%a9/", "%c3%a9t%c3%a9", &[(slug, "%c3%a9tes")]),
            ["/étes"]
        );
        assert_eq!(former("https://x.fr/?p=7", "b", &[(slug, "a")]), [""; 0]);
        assert_eq!(former("https://x.fr/b/", "b", &[]), [""; 0]);
    }

    #[test]
    fn an_archive_stands_below_its_base() {
        let slugs = ["regions".to_owned(), "r%c3%a9gion".to_owned()];
        assert_eq!(
            archive_path("x.fr", "category", &slugs).as_deref(),
            Some("/category/regions/région")
        );
        assert_eq!(
            archive_path("x.fr/blog", "/rubrique/", &slugs[..1]).as_deref(),
            Some("/blog/rubrique/regions")
        );
        assert_eq!(archive_path("x.fr", "/", &slugs), None);
    }
}
