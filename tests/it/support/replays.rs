//! Statements that the application asked, asked again: to see how a database goes about them, and what they cost.
//!
//! ```ignore
//! let (_, statements) = app.statements_of(guest.get("/v1/articles")).await;
//! let replay = Replay::read(&statements[0]);
//! assert!(replay.cost(&mut replayer) < 100.0);
//! ```

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection};
use rusqlite::StatementStatus;
use rusqlite::types::Value as SqliteValue;
use serde_json::Value;

/// A value that stands in a statement's place.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundValue {
    Null,
    Bool(bool),
    Whole(i64),
    Real(f64),
    Text(String),
    Many(Vec<BoundValue>),
}

/// A statement with its values, as it was told to whoever listened.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    pub sql: String,
    pub values: Vec<BoundValue>,
}

impl Replay {
    /// Reads a statement as it is told: its values stand behind it, as they are shown to programmers.
    pub fn read(told: &str) -> Self {
        let (sql, values) = told.rsplit_once(" -- binds: ").unwrap_or((told, "[]"));
        let mut reader = ValueReader(values.trim().chars().peekable());
        match reader.value() {
            BoundValue::Many(values) => Self {
                sql: sql.to_owned(),
                values,
            },
            other => panic!("{other:?} in {told}"),
        }
    }

    /// The statement with its values in their places.
    pub fn spelled_out(&self) -> String {
        let (mut spelled, mut next) = (String::new(), 0);
        let mut rest = self.sql.chars().peekable();
        let mut quote = None;
        while let Some(c) = rest.next() {
            let place = match (quote, c) {
                (None, '?') => {
                    next += 1;
                    Some(next)
                }
                (None, '$') => {
                    let mut number = String::new();
                    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                        number.push(digit);
                    }
                    Some(number.parse().unwrap())
                }
                (None, '\'' | '"') => {
                    quote = Some(c);
                    None
                }
                (Some(open), _) if open == c => {
                    quote = None;
                    None
                }
                _ => None,
            };
            match place {
                Some(place) => spelled.push_str(&self.values[place - 1].literal()),
                None => spelled.push(c),
            }
        }
        spelled
    }

    /// What it has in common with statements that differ in values alone, and in how many of them there are.
    pub fn kind(&self) -> String {
        let mut kind = String::new();
        for word in self.sql.split(", ?") {
            kind.push_str(word);
        }
        // Of several SELECTs in one statement the first says what they are.
        let first = kind.split(" UNION ALL ").next().unwrap_or_default();
        first.to_owned()
    }
}

impl BoundValue {
    fn literal(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            Self::Whole(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            // Without a type, so that it takes the one that is wanted.
            Self::Many(values) => {
                let values: Vec<String> = values.iter().map(Self::element).collect();
                format!("'{{{}}}'", values.join(",").replace('\'', "''"))
            }
        }
    }

    /// The value in a list's literal.
    fn element(&self) -> String {
        match self {
            Self::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            other => other.literal(),
        }
    }

    fn as_sqlite(&self) -> SqliteValue {
        match self {
            Self::Null => SqliteValue::Null,
            Self::Bool(value) => SqliteValue::Integer(i64::from(*value)),
            Self::Whole(number) => SqliteValue::Integer(*number),
            Self::Real(number) => SqliteValue::Real(*number),
            Self::Text(text) => SqliteValue::Text(text.clone()),
            Self::Many(_) => panic!("SQLite knows no lists"),
        }
    }
}

/// Reads values as `Debug` shows them.
struct ValueReader<'v>(std::iter::Peekable<std::str::Chars<'v>>);

impl ValueReader<'_> {
    fn value(&mut self) -> BoundValue {
        while self.0.next_if(|c| *c == ' ').is_some() {}
        match self.0.peek() {
            Some('[') => BoundValue::Many(self.list()),
            Some('"') => BoundValue::Text(self.text()),
            _ => self.word(),
        }
    }

    fn list(&mut self) -> Vec<BoundValue> {
        self.0.next();
        let mut values = Vec::new();
        loop {
            while self.0.next_if(|c| matches!(c, ' ' | ',')).is_some() {}
            if self.0.next_if_eq(&']').is_some() || self.0.peek().is_none() {
                return values;
            }
            values.push(self.value());
        }
    }

    fn text(&mut self) -> String {
        self.0.next();
        let mut text = String::new();
        while let Some(c) = self.0.next() {
            match c {
                '"' => break,
                '\\' => match self.0.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('u') => {
                        let digits: String = self.0.by_ref().skip(1).take_while(|c| *c != '}').collect();
                        text.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                    }
                    other => text.extend(other),
                },
                c => text.push(c),
            }
        }
        text
    }

    /// A number, an id, a moment, a word of a closed set, or one of these within `Some(…)`.
    fn word(&mut self) -> BoundValue {
        let mut word = String::new();
        while let Some(c) = self.0.next_if(|c| !matches!(c, ',' | ']' | '(' | ')')) {
            word.push(c);
        }
        if self.0.next_if_eq(&'(').is_some() {
            let value = self.value();
            self.0.next_if_eq(&')');
            return match (word.as_str(), value) {
                // As SQLite keeps it.
                ("Time", BoundValue::Text(moment)) => BoundValue::Text(moment.replacen('T', " ", 1)),
                (_, value) => value,
            };
        }
        match word.as_str() {
            "None" => return BoundValue::Null,
            "true" | "false" => return BoundValue::Bool(word == "true"),
            _ => {}
        }
        if let Ok(number) = word.parse() {
            return BoundValue::Whole(number);
        }
        if let Some(number) = word
            .parse()
            .ok()
            .filter(|_| word.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
        {
            return BoundValue::Real(number);
        }
        BoundValue::Text(if word.starts_with(|c: char| c.is_ascii_uppercase()) {
            as_stored(&word)
        } else {
            word
        })
    }
}

/// The word of a closed set as it is stored: `InReview` is `in_review`.
fn as_stored(name: &str) -> String {
    let mut word = String::new();
    for (index, c) in name.char_indices() {
        if c.is_ascii_uppercase() && index > 0 {
            word.push('_');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

/// What a statement cost.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Steps of SQLite's machine, or rows that PostgreSQL looked at, found or not, and pages in which it did. Neither
    /// depends on the machine or what else it does.
    pub amount: f64,
    /// How the database went about it.
    pub plan: String,
}

/// A connection on which statements are asked again.
pub enum Replayer {
    Sqlite(rusqlite::Connection),
    Postgres(Box<PgConnection>, PlanFor),
}

/// For which values PostgreSQL plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanFor {
    /// For those of the statement.
    Values,
    /// For whichever may come, where the statement is one that is prepared.
    Any,
}

impl Replayer {
    /// To an SQLite file.
    pub fn sqlite(path: &std::path::Path) -> Self {
        Self::Sqlite(rusqlite::Connection::open(path).unwrap())
    }

    /// To a database of PostgreSQL. Whole tables are walked and joined only where there is no other way: whether that is
    /// less work depends on how small a test's tables are.
    pub fn postgres(url: &str, plan: PlanFor) -> Self {
        let mut conn = PgConnection::establish(url).unwrap();
        for setup in [
            "SET enable_seqscan = off",
            "SET enable_hashjoin = off",
            "SET enable_mergejoin = off",
            "SET plan_cache_mode = force_generic_plan",
            "CREATE OR REPLACE FUNCTION pg_temp.replayed(statement text) RETURNS text LANGUAGE plpgsql AS $$ \
             DECLARE plan json; BEGIN \
             EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, BUFFERS, FORMAT JSON) ' || statement INTO plan; \
             RETURN plan::text; END $$",
        ] {
            diesel::sql_query(setup).execute(&mut conn).unwrap();
        }
        Self::Postgres(Box::new(conn), plan)
    }

    /// Gathers statistics.
    pub fn analyze(&mut self) {
        match self {
            Self::Sqlite(conn) => conn.execute_batch("ANALYZE").unwrap(),
            Self::Postgres(conn, _) => drop(diesel::sql_query("ANALYZE").execute(&mut **conn).unwrap()),
        }
    }

    /// Asks once more.
    pub fn ask(&mut self, replay: &Replay) -> Cost {
        match self {
            Self::Sqlite(conn) => ask_sqlite(conn, replay),
            Self::Postgres(conn, plan) => ask_postgres(conn, *plan, replay),
        }
    }
}

fn ask_sqlite(conn: &rusqlite::Connection, replay: &Replay) -> Cost {
    let mut statement = conn.prepare(&replay.sql).unwrap();
    for (index, value) in replay.values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value.as_sqlite()).unwrap();
    }
    let mut rows = statement.raw_query();
    while rows.next().unwrap().is_some() {}
    drop(rows);
    let amount = f64::from(statement.get_status(StatementStatus::VmStep));
    let mut explained = conn.prepare(&format!("EXPLAIN QUERY PLAN {}", replay.sql)).unwrap();
    for (index, value) in replay.values.iter().enumerate() {
        explained.raw_bind_parameter(index + 1, value.as_sqlite()).unwrap();
    }
    let mut plan = Vec::new();
    let mut steps = explained.raw_query();
    while let Some(step) = steps.next().unwrap() {
        plan.push(step.get::<_, String>("detail").unwrap());
    }
    Cost {
        amount,
        plan: plan.join("\n"),
    }
}

#[derive(QueryableByName)]
struct Explained {
    #[diesel(sql_type = Text)]
    plan: String,
}

fn ask_postgres(conn: &mut PgConnection, plan: PlanFor, replay: &Replay) -> Cost {
    // As base::db::union_all and base::db::planned_for_its_values have it.
    let is_kept = !replay.sql.starts_with("SELECT 0 AS term") && !replay.sql.contains(" AND TRUE");
    let is_prepared = plan == PlanFor::Any && !replay.values.is_empty() && is_kept;
    let mut run = |sql: &str| {
        let done = diesel::sql_query(sql).execute(conn);
        done.unwrap_or_else(|error| panic!("{error}: {replay:?}"))
    };
    let asked = if is_prepared {
        run(&format!("PREPARE replay AS {}", replay.sql));
        let values: Vec<String> = replay.values.iter().map(BoundValue::literal).collect();
        format!("EXECUTE replay({})", values.join(", "))
    } else {
        replay.spelled_out()
    };
    let query = diesel::sql_query("SELECT pg_temp.replayed($1) AS plan").bind::<Text, _>(asked);
    let explained: QueryResult<Explained> = query.get_result(conn);
    let explained = explained.unwrap_or_else(|error| panic!("{error}: {replay:?}"));
    if is_prepared {
        let done = diesel::sql_query("DEALLOCATE replay").execute(conn);
        done.unwrap();
    }
    let plan: Value = serde_json::from_str(&explained.plan).unwrap();
    let root = &plan[0]["Plan"];
    let pages = ["Shared Hit Blocks", "Shared Read Blocks"];
    let pages: f64 = pages.iter().filter_map(|name| root[name].as_f64()).sum();
    Cost {
        amount: rows_of(root) + pages,
        plan: outline_of(root, 0),
    }
}

/// How many rows PostgreSQL looked at: found or not, in every table and index.
pub fn rows_of(node: &Value) -> f64 {
    let kind = node["Node Type"].as_str().unwrap();
    let mut rows = 0.0;
    if kind.contains("Scan") && kind != "Subquery Scan" {
        let names = ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"];
        let each: f64 = names.iter().filter_map(|name| node[name].as_f64()).sum();
        rows += each * node["Actual Loops"].as_f64().unwrap();
    }
    let below = node["Plans"].as_array().into_iter().flatten();
    rows + below.map(rows_of).sum::<f64>()
}

fn outline_of(node: &Value, depth: usize) -> String {
    let mut line = format!("{}{}", "  ".repeat(depth), node["Node Type"].as_str().unwrap());
    for name in [
        "Relation Name",
        "Index Name",
        "Index Cond",
        "Filter",
        "Actual Rows",
        "Actual Loops",
    ] {
        if !node[name].is_null() {
            line.push_str(&format!(" {name}={}", node[name]));
        }
    }
    for below in node["Plans"].as_array().into_iter().flatten() {
        line.push('\n');
        line.push_str(&outline_of(below, depth + 1));
    }
    line
}

#[test]
fn a_told_statement_is_read_with_its_values() {
    let told = "SELECT a FROM t WHERE b = $1 AND c = ANY($2) AND d = '$3' LIMIT $3 \
        -- binds: [Some(\"l’\\\"œ'\"), [0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f, InReview], 21]";
    let replay = Replay::read(told);
    assert_eq!(replay.values.len(), 3);
    assert_eq!(
        replay.spelled_out(),
        "SELECT a FROM t WHERE b = 'l’\"œ''' AND \
         c = ANY('{\"0197a3f2-5c1e-7b3a-9d2f-6a1b2c3d4e5f\",\"in_review\"}') AND d = '$3' LIMIT 21"
    );
    let moments = Replay::read("SELECT ? -- binds: [Time(2026-11-23T08:00:00.250), None, false, -1.5]");
    assert_eq!(
        moments.values,
        [
            BoundValue::Text("2026-11-23 08:00:00.250".to_owned()),
            BoundValue::Null,
            BoundValue::Bool(false),
            BoundValue::Real(-1.5)
        ]
    );
}
