//! An archive of 100,000 articles, made by the database itself. What is true of the article of a
//! number is said twice: in SQL, and in [`Fact`] for the tests to compare with.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use masthead::base::clock::{Clock, Time};
use masthead::base::db::{DatabaseUrl, Db, PoolSizes};
use masthead::base::ids::{ArticleId, ContributorId, SectionId, TagId};
use masthead::body::article_type::ArticleType;
use masthead::published::ArticleFilter;

use crate::support::database::TestDatabase;

/// How many articles there are.
pub const ARTICLES: i64 = 100_000;

/// Seconds since 1970 of article 0; each is a minute after the one before.
const START: i64 = 1_577_836_800;

pub struct Archive {
    pub db: Db,
    pub url: String,
    // Dropped last.
    _database: TestDatabase,
}

/// What articles can be asked for, by what is true of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Every article.
    News,
    /// Directly: every tenth.
    Below(i64),
    /// Directly: 50 of them.
    Rare,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Odd,
    Third,
    Tenth(i64),
    Rare,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    Even,
    Few(i64),
}

fn uuid(kind: i64, number: i64) -> String {
    format!("0197a3f2-{kind:04}-7000-8000-{number:012}")
}

impl Place {
    fn number(self) -> i64 {
        match self {
            Self::News => 100,
            Self::Below(number) => number,
            Self::Rare => 101,
        }
    }

    pub fn id(self) -> SectionId {
        SectionId::parse(&uuid(1, self.number())).unwrap()
    }
}

impl Label {
    pub fn id(self) -> TagId {
        let number = match self {
            Self::Odd => 100,
            Self::Third => 101,
            Self::Rare => 102,
            Self::Tenth(number) => number,
        };
        TagId::parse(&uuid(2, number)).unwrap()
    }
}

impl Person {
    pub fn id(self) -> ContributorId {
        let number = match self {
            Self::Even => 100,
            Self::Few(number) => number,
        };
        ContributorId::parse(&uuid(3, number)).unwrap()
    }
}

/// The article of a number.
#[derive(Clone, Copy, Debug)]
pub struct Fact(pub i64);

impl Fact {
    pub fn id(self) -> ArticleId {
        ArticleId::parse(&uuid(0, self.0)).unwrap()
    }

    pub fn position(self) -> i64 {
        ((START + self.0 * 60) * 1000) * (1 << 20) + 1
    }

    /// The moment of its publication.
    pub fn moment(number: i64) -> Time {
        Time::from_millis((START + number * 60) * 1000).unwrap()
    }

    fn stands_in(self, place: Place, exact: bool) -> bool {
        match place {
            Place::News => !exact,
            Place::Below(number) => self.0 % 10 == number,
            Place::Rare => self.0 % 2000 == 3,
        }
    }

    fn carries(self, label: Label) -> bool {
        match label {
            Label::Odd => self.0 % 2 == 1,
            Label::Third => self.0 % 3 == 0,
            Label::Tenth(number) => (self.0 / 10) % 10 == number,
            Label::Rare => self.0 % 2500 == 7,
        }
    }

    fn is_signed_by(self, person: Person) -> bool {
        match person {
            Person::Even => self.0 % 2 == 0,
            Person::Few(number) => self.0 % 97 == number,
        }
    }

    fn type_(self) -> ArticleType {
        match self.0 {
            number if number % 50 == 0 => ArticleType::Opinion,
            number if number % 1000 == 1 => ArticleType::Video,
            _ => ArticleType::Article,
        }
    }

    fn locale(self) -> &'static str {
        if self.0 % 5 == 4 { "en" } else { "fr" }
    }

    fn is_retracted(self) -> bool {
        self.0 % 400 == 399
    }

    /// The place of its last publish among all of them.
    pub fn update(self) -> i64 {
        (self.0 * 7919) % ARTICLES
    }
}

/// A filter in the words of this archive.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub locale: Option<&'static str>,
    pub places: Vec<Place>,
    pub exact: bool,
    pub labels: Vec<Label>,
    pub people: Vec<Person>,
    pub types: Vec<ArticleType>,
    /// From this article on, up to that one.
    pub numbers: Option<(i64, i64)>,
}

impl Asked {
    pub fn filter(&self) -> ArticleFilter {
        ArticleFilter {
            locale: self.locale.map(str::to_owned),
            sections: self.places.iter().map(|place| place.id()).collect(),
            exact_section: self.exact,
            tags: self.labels.iter().map(|label| label.id()).collect(),
            contributors: self.people.iter().map(|person| person.id()).collect(),
            types: self.types.clone(),
            published_after: self.numbers.map(|(from, _)| Fact::moment(from)),
            published_before: self.numbers.map(|(_, below)| Fact::moment(below)),
            nothing: false,
        }
    }

    /// Whether the filter chooses an article, each of its parts by itself.
    fn parts(&self, fact: Fact) -> Vec<bool> {
        let mut parts = Vec::new();
        if !self.places.is_empty() {
            parts.push(self.places.iter().any(|place| fact.stands_in(*place, self.exact)));
        }
        if !self.labels.is_empty() {
            parts.push(self.labels.iter().any(|label| fact.carries(*label)));
        }
        if !self.people.is_empty() {
            parts.push(self.people.iter().any(|person| fact.is_signed_by(*person)));
        }
        if !self.types.is_empty() {
            parts.push(self.types.contains(&fact.type_()));
        }
        parts
    }

    fn is_in_range(&self, fact: Fact) -> bool {
        let is_in_time = self.numbers.is_none_or(|(from, below)| (from..below).contains(&fact.0));
        is_in_time && self.locale.is_none_or(|locale| locale == fact.locale())
    }

    /// What it chooses, the oldest first.
    pub fn chosen(&self) -> Vec<Fact> {
        let all = (1..=ARTICLES).map(Fact);
        all.filter(|fact| {
            self.is_in_range(*fact) && !fact.is_retracted() && self.parts(*fact).into_iter().all(|holds| holds)
        })
        .collect()
    }

    /// How many articles between two positions the part that chooses the fewest of them chooses. Retracted ones are not
    /// passed on the way: the indexes of links have them elsewhere.
    pub fn fewest_between(&self, from: i64, below: i64) -> usize {
        let within: Vec<Fact> = (1..=ARTICLES)
            .map(Fact)
            .filter(|fact| (from..below).contains(&fact.position()) && self.is_in_range(*fact) && !fact.is_retracted())
            .collect();
        let parts = within.first().map_or(0, |fact| self.parts(*fact).len());
        let of_part = |part: usize| within.iter().filter(|fact| self.parts(**fact)[part]).count();
        (0..parts).map(of_part).min().unwrap_or(within.len())
    }
}

/// Each statement for one kind of database: `{…}` stands for an expression of the dialect.
fn script(moment: impl Fn(&str) -> String) -> String {
    let published = moment("i");
    let updated = moment("(i * 7919) % 100000");
    let id = |kind: i64, number: &str| {
        format!("'0197a3f2-{kind:04}-7000-8000-' || substr(CAST(1000000000000 + ({number}) AS TEXT), 2)")
    };
    let (article, now) = (id(0, "i"), moment("0"));
    let position = format!("(({START} + i * 60) * CAST(1000 AS BIGINT)) * 1048576 + 1");
    let type_ = "CASE WHEN i % 50 = 0 THEN 'opinion' WHEN i % 1000 = 1 THEN 'video' ELSE 'article' END";
    let locale = "CASE WHEN i % 5 = 4 THEN 'en' ELSE 'fr' END";
    let retracted = format!("CASE WHEN i % 400 = 399 THEN {now} ELSE NULL END");
    let link = format!("{article}, {locale}, {type_}, {position}, i % 400 <> 399");
    let section = |number: &str, parent: &str, path: &str| {
        format!(
            "INSERT INTO sections (id, parent_id, slug, path, label, labels, position, version, created_at, updated_at) \
             SELECT {}, {parent}, 's' || ({number}), {path}, 'S', '{{}}', 1, 1, {now}, {now} FROM n WHERE ",
            id(1, number)
        )
    };
    let tags = |number: &str, holds: &str| {
        format!(
            "INSERT INTO published_tags (tag_id, article_id, locale, type, position, is_listed) \
             SELECT {}, {link} FROM n WHERE {holds};\n",
            id(2, number)
        )
    };
    let people = |number: &str, holds: &str| {
        format!(
            "INSERT INTO published_contributors (contributor_id, article_id, locale, type, position, is_listed) \
             SELECT {}, {link} FROM n WHERE {holds};\n",
            id(3, number)
        )
    };
    let sections = |number: &str, direct: &str, holds: &str| {
        format!(
            "INSERT INTO published_sections (section_id, is_direct, article_id, locale, type, position, is_listed) \
             SELECT {}, {direct}, {link} FROM n WHERE {holds};\n",
            id(1, number)
        )
    };
    [
        "CREATE TEMP TABLE n AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 100000) \
         SELECT i FROM r;\n"
            .to_owned(),
        format!("{}i = 1;\n", section("100", "NULL", "'/news'")),
        format!("{}i = 1;\n", section("101", "NULL", "'/rare'")),
        format!("{}i <= 10;\n", section("i - 1", &id(1, "100"), "'/news/s' || (i - 1)")),
        format!(
            "INSERT INTO tags (id, kind, slug, label, sort_key, version, created_at, updated_at) \
             SELECT {}, 'topic', 't' || (i - 1), 'T', 't', 1, {now}, {now} FROM n WHERE i <= 10 OR i BETWEEN 101 AND 103;\n",
            id(2, "i - 1")
        ),
        format!(
            "INSERT INTO contributors (id, slug, name, sort_key, is_active, version, created_at, updated_at) \
             SELECT {}, 'c' || (i - 1), 'C', 'c', TRUE, 1, {now}, {now} FROM n WHERE i <= 5 OR i = 101;\n",
            id(3, "i - 1")
        ),
        format!(
            "INSERT INTO articles (id, locale, translation_key, type, title, content, state, review, \
             has_unpublished_changes, version, position, created_at, edited_at) \
             SELECT {article}, {locale}, {article}, {type_}, 'T', '{{}}', 'published', 'not_submitted', FALSE, 1, {position}, \
             {now}, {now} FROM n;\n"
        ),
        format!(
            "INSERT INTO published_articles (id, position, locale, type, path, section_id, card_json, article_json, \
             outline, search_text, published_at, updated_at, retracted_at, revision_number, press_format) \
             SELECT {article}, {position}, {locale}, {type_}, '/a/' || i, {}, '{{\"id\":\"' || {article} || '\"', \
             '{{\"id\":\"' || {article} || '\"', '{{}}', '', {published}, {updated}, {retracted}, 1, 1 FROM n;\n",
            id(1, "i % 10")
        ),
        sections("100", "FALSE", "TRUE"),
        sections("i % 10", "TRUE", "TRUE"),
        sections("101", "TRUE", "i % 2000 = 3"),
        tags("100", "i % 2 = 1"),
        tags("101", "i % 3 = 0"),
        tags("102", "i % 2500 = 7"),
        tags("(i / 10) % 10", "TRUE"),
        people("100", "i % 2 = 0"),
        people("i % 97", "i % 97 < 5"),
        "ANALYZE;\n".to_owned(),
    ]
    .concat()
}

impl Archive {
    pub fn make() -> Self {
        let database = TestDatabase::new();
        let url = match &database.url {
            DatabaseUrl::Sqlite(path) => {
                let url = path.to_string_lossy().into_owned();
                let mut conn = SqliteConnection::establish(&url).unwrap();
                let script =
                    script(|minutes| format!("strftime('%Y-%m-%d %H:%M:%S', {START} + ({minutes}) * 60, 'unixepoch')"));
                conn.batch_execute("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; BEGIN;")
                    .unwrap();
                conn.batch_execute(&script).unwrap();
                conn.batch_execute("COMMIT").unwrap();
                url
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url).unwrap();
                let script = script(|minutes| format!("(to_timestamp({START} + ({minutes}) * 60) AT TIME ZONE 'UTC')"));
                // ANALYZE by name only inside a transaction: all in one, without a word on disk before the end.
                conn.batch_execute("SET synchronous_commit = off").unwrap();
                conn.batch_execute(&script).unwrap();
                conn.batch_execute(
                    "CREATE FUNCTION explained(statement text) RETURNS text LANGUAGE plpgsql AS $$ \
                     DECLARE plan json; BEGIN \
                     EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || statement INTO plan; \
                     RETURN plan::text; END $$",
                )
                .unwrap();
                url.clone()
            }
        };
        let sizes = PoolSizes {
            connections: 4,
            write_queue: 16,
            ..PoolSizes::default()
        };
        let db = Db::open(&database.url, sizes, Clock::system()).unwrap();
        Self {
            db,
            url,
            _database: database,
        }
    }
}
