//! Who tells others to read something anew tells nobody too early.

use masthead::base::clock::Clock;
use masthead::base::db::cache_deaths::AnswerLife;
use masthead::base::db::dialect::{Generation, generation, raise_generations};
use masthead::base::db::{Conn, Db, PoolSizes};
use masthead::base::error::Result;
use masthead::base::surrogate_key::SurrogateKey;

use crate::support::database::TestDatabase;

fn raise(conn: &mut Conn) -> Result<()> {
    Ok(raise_generations(conn, &mut [Generation::Site])?)
}

fn raised(conn: &mut Conn) -> Result<i64> {
    Ok(generation(conn, Generation::Site)?)
}

#[actix_web::test]
async fn what_was_read_to_be_told_has_died_in_what_is_kept() {
    let database = TestDatabase::new();
    let sizes = PoolSizes {
        connections: 8,
        write_queue: 512,
        ..PoolSizes::default()
    };
    let db = Db::open(&database.url, sizes, Clock::system()).unwrap();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let db = db.clone();
            std::thread::spawn(move || (0..500).for_each(|_| db.write_blocking(raise).unwrap()))
        })
        .collect();
    let mut seen = 0;
    while seen == 0 || writers.iter().any(|writer| !writer.is_finished()) {
        let age = db.deaths().age(&[SurrogateKey::Frame], db.deaths().latest());
        let before = db.read(raised).await.unwrap();
        if db.read_to_tell(raised).await.unwrap() > before {
            assert_eq!(db.deaths().life(&age), AnswerLife::Dead, "after {seen} others");
            seen += 1;
        }
    }
    writers.into_iter().for_each(|writer| writer.join().unwrap());
}
