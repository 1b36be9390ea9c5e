//! Any sequence of steps, made by proptest: what is checked after one must hold after every.
//!
//! ```ignore
//! for_any_sequence(12, 30, proptest::collection::vec(step(), 10..50), async |steps| {
//!     let mut play = Play::new().await;
//!     for step in &steps {
//!         play.play(step).await;
//!         play.check(step).await;
//!     }
//! });
//! ```

use std::fmt::Debug;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};

/// Plays this many sequences; one that fails is made shorter at most `max_shrinks` times, and told.
pub fn for_any_sequence<S: Debug>(
    cases: u32,
    max_shrinks: u32,
    sequences: impl Strategy<Value = Vec<S>>,
    play: impl AsyncFn(Vec<S>),
) {
    let config = Config {
        cases,
        max_shrink_iters: max_shrinks,
        failure_persistence: None,
        ..Config::default()
    };
    let run = |steps| {
        actix_web::rt::System::new().block_on(play(steps));
        Ok(())
    };
    if let Err(error) = TestRunner::new(config).run(&sequences, run) {
        panic!("{error}");
    }
}
