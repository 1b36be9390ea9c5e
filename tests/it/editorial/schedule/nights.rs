//! The nights when clocks change.

use serde_json::json;

use super::Paper;
use crate::support::newsroom::action;

/// A night at which the clocks of a zone change: local time, fold, and the moment; or the field code.
const NIGHTS: &[(&str, &str, Option<&str>, Result<&str, (&str, &str)>)] = &[
    (
        "Europe/Paris",
        "2027-03-28T02:30",
        None,
        Err(("/local_time", "skipped_time")),
    ),
    (
        "Europe/Paris",
        "2027-03-28T02:30",
        Some("later"),
        Err(("/local_time", "skipped_time")),
    ),
    ("Europe/Paris", "2027-03-28T03:00", None, Ok("2027-03-28T01:00:00.000Z")),
    (
        "Europe/Paris",
        "2027-10-31T02:30",
        None,
        Err(("/fold", "ambiguous_time")),
    ),
    (
        "Europe/Paris",
        "2027-10-31T02:30",
        Some("earlier"),
        Ok("2027-10-31T00:30:00.000Z"),
    ),
    (
        "Europe/Paris",
        "2027-10-31T02:30",
        Some("later"),
        Ok("2027-10-31T01:30:00.000Z"),
    ),
    (
        "Africa/Casablanca",
        "2027-02-07T02:30",
        None,
        Err(("/fold", "ambiguous_time")),
    ),
    (
        "Africa/Casablanca",
        "2027-02-07T02:30",
        Some("later"),
        Ok("2027-02-07T02:30:00.000Z"),
    ),
    (
        "Africa/Casablanca",
        "2027-02-20T08:00",
        None,
        Ok("2027-02-20T08:00:00.000Z"),
    ),
    (
        "Africa/Casablanca",
        "2027-03-14T02:30",
        None,
        Err(("/local_time", "skipped_time")),
    ),
    (
        "Africa/Casablanca",
        "2027-03-20T08:00",
        None,
        Ok("2027-03-20T07:00:00.000Z"),
    ),
    (
        "America/New_York",
        "2027-03-14T02:30",
        None,
        Err(("/local_time", "skipped_time")),
    ),
    (
        "America/New_York",
        "2027-11-07T01:30",
        None,
        Err(("/fold", "ambiguous_time")),
    ),
    (
        "America/New_York",
        "2027-11-07T01:30",
        Some("earlier"),
        Ok("2027-11-07T05:30:00.000Z"),
    ),
    (
        "America/New_York",
        "2027-11-07T01:30",
        Some("later"),
        Ok("2027-11-07T06:30:00.000Z"),
    ),
    (
        "Africa/Abidjan",
        "2027-10-31T02:30",
        Some("later"),
        Ok("2027-10-31T02:30:00.000Z"),
    ),
];

#[actix_web::test]
async fn on_the_nights_when_clocks_change_the_moment_is_the_one_that_was_meant() {
    let paper = Paper::new().await;
    let mut planned = Vec::new();
    for (zone, local, fold, expected) in NIGHTS {
        let id = paper.draft(&format!("{zone} {local}")).await;
        let body = json!({"kind": "publish", "local_time": local, "time_zone": zone, "fold": fold});
        let answer = paper.admin().take(&id, "schedule", body).await;
        match expected {
            Ok(at) => {
                assert_eq!(answer.expect(200).json["schedules"][0]["at"], *at, "{zone} {local}");
                planned.push(((*at).to_owned(), id));
            }
            Err(error) => {
                let answer = answer.invalid(&[*error]);
                let message = answer.json["errors"][0]["message"].as_str().unwrap();
                assert!(message.contains(zone), "{message}");
            }
        }
    }
    planned.sort();
    for (at, id) in planned {
        paper.clock_to(&at);
        paper.app.clock.advance_seconds(-1);
        assert_eq!(paper.run().await, 0, "{at}");
        paper.app.clock.advance_seconds(1);
        assert_eq!(paper.run().await, 1, "{at}");
        let live = paper.app.guest().get(&format!("/v1/articles/{id}")).await.expect(200);
        assert_eq!(live.json["published_at"], at);
    }
}

#[actix_web::test]
async fn a_time_that_occurs_twice_is_told_with_both_moments_in_both_languages() {
    let paper = Paper::new().await;
    let id = paper.draft("Le sommet").await;
    let body = json!({"kind": "publish", "local_time": "2027-10-31T02:30", "time_zone": "Europe/Paris"});
    for (language, moments) in [
        ("fr", ["31 octobre 2027 à 0 h 30 UTC", "31 octobre 2027 à 1 h 30 UTC"]),
        ("en", ["31 October 2027 at 00:30 UTC", "31 October 2027 at 01:30 UTC"]),
    ] {
        let answer = paper
            .admin()
            .request(actix_web::http::Method::POST, &action(&id, "schedule"))
            .header("accept-language", language)
            .if_match(1)
            .json(body.clone())
            .send()
            .await
            .invalid(&[("/fold", "ambiguous_time")]);
        let message = answer.json["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("Europe/Paris"), "{message}");
        for moment in moments {
            assert!(message.replace('\u{a0}', " ").contains(moment), "{message}");
        }
    }
}
