//! The routes as the edge sees them, before a handler is chosen.

use std::sync::Arc;

use actix_web::http::Method;
use matchit::Router;

use crate::base::error::{Error, Result};
use crate::base::metrics::RouteMeters;

/// Every route: its pattern, its methods and which of these take an `Idempotency-Key`. actix's own macros answer 404 to
/// a wrong method; with this table the answer is 405.
#[derive(Clone, Default)]
pub struct RouteTable {
    routes: Vec<Route>,
    by_path: Router<usize>,
}

/// One pattern.
#[derive(Clone, Debug)]
pub struct Route {
    pattern: String,
    methods: Vec<(String, bool)>,
    meters: Arc<RouteMeters>,
}

impl RouteTable {
    /// Adds a method of a pattern.
    ///
    /// # Errors
    /// 500 when two patterns match the same paths.
    pub fn add(&mut self, pattern: &str, method: &str, is_idempotent: bool) -> Result<()> {
        let entry = (method.to_owned(), is_idempotent);
        if let Some(route) = self.routes.iter_mut().find(|route| route.pattern == pattern) {
            route.methods.push(entry);
            return Ok(());
        }
        let place = self.routes.len();
        let mut insert = |path: String| self.by_path.insert(path, place).map_err(Error::internal);
        let path = by_place(pattern);
        // What stands for the rest of a path stands for nothing too, to actix.
        if let Some((folder, _)) = path.split_once("{*") {
            insert(folder.to_owned())?;
        }
        insert(path)?;
        self.routes.push(Route {
            pattern: pattern.to_owned(),
            methods: vec![entry],
            meters: Arc::default(),
        });
        Ok(())
    }

    /// The route of a path: one without parameters comes first.
    pub fn find(&self, path: &str) -> Option<&Route> {
        let found = self.by_path.at(path).ok()?;
        self.routes.get(*found.value)
    }
}

/// The pattern with parameters named by their place: two routes may name the same place differently.
fn by_place(pattern: &str) -> String {
    let place = |(place, segment): (usize, &str)| match segment.strip_prefix('{') {
        Some(rest) if rest.contains(":.*") => format!("{{*p{place}}}"),
        Some(rest) => format!("{{p{place}}}{}", rest.split_once('}').map_or("", |(_, rest)| rest)),
        None => segment.to_owned(),
    };
    let segments: Vec<String> = pattern.split('/').enumerate().map(place).collect();
    segments.join("/")
}

impl Route {
    /// The pattern, as handlers declare it.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// What its answers are counted with.
    pub fn meters(&self) -> &RouteMeters {
        &self.meters
    }

    /// The methods, as `Allow` names them.
    pub fn allow(&self) -> String {
        let mut methods: Vec<&str> = self.methods.iter().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        methods.dedup();
        methods.join(", ")
    }

    /// Whether this method of the route takes an `Idempotency-Key`.
    pub fn takes_idempotency_key(&self, method: &Method) -> bool {
        self.methods
            .iter()
            .any(|(name, idempotent)| name == method.as_str() && *idempotent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_route_of_its_pattern_and_a_fixed_one_first() {
        let mut table = RouteTable::default();
        let patterns = [
            "/v1/articles",
            "/v1/articles/{article_id}",
            "/v1/articles/by-path",
            "/v1/articles/{id}/comments",
            "/v1/articles/{article_id}/comments/flat",
            "/docs/{file:.*}",
        ];
        for pattern in patterns {
            table.add(pattern, "GET", false).unwrap();
        }
        for (path, expected) in [
            ("/v1/articles", Some("/v1/articles")),
            ("/v1/articles/by-path", Some("/v1/articles/by-path")),
            ("/v1/articles/by-paths", Some("/v1/articles/{article_id}")),
            ("/v1/articles/7", Some("/v1/articles/{article_id}")),
            ("/v1/articles/by-path/comments", Some("/v1/articles/{id}/comments")),
            (
                "/v1/articles/7/comments/flat",
                Some("/v1/articles/{article_id}/comments/flat"),
            ),
            ("/docs/index.html", Some("/docs/{file:.*}")),
            ("/docs/a/b", Some("/docs/{file:.*}")),
            ("/docs/", Some("/docs/{file:.*}")),
            ("/docs", None),
            ("/v1/articles/", None),
            ("/v1/articles/7/", None),
            ("/v1/articles//comments", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(table.find(path).map(Route::pattern), expected, "{path}");
        }
    }
}
