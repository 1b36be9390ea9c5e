//! The routes as the edge sees them, before a handler is chosen.

use actix_web::http::Method;

/// Every route: its pattern, its methods and which of these take an `Idempotency-Key`. actix's own macros answer 404 to
/// a wrong method; with this table the answer is 405.
#[derive(Clone, Debug, Default)]
pub struct RouteTable(Vec<Route>);

/// One pattern.
#[derive(Clone, Debug)]
pub struct Route {
    pattern: String,
    definition: actix_web::dev::ResourceDef,
    methods: Vec<(String, bool)>,
}

impl RouteTable {
    /// Adds a method of a pattern.
    pub fn add(&mut self, pattern: &str, method: &str, is_idempotent: bool) {
        let entry = (method.to_owned(), is_idempotent);
        match self.0.iter_mut().find(|route| route.pattern == pattern) {
            Some(route) => route.methods.push(entry),
            None => self.0.push(Route {
                pattern: pattern.to_owned(),
                definition: actix_web::dev::ResourceDef::new(pattern),
                methods: vec![entry],
            }),
        }
    }

    /// The route of a path: one without parameters comes first.
    pub fn find(&self, path: &str) -> Option<&Route> {
        let fixed = self.0.iter().find(|route| route.pattern == path);
        fixed.or_else(|| self.0.iter().find(|route| route.definition.is_match(path)))
    }
}

impl Route {
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
