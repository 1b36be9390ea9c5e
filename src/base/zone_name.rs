//! Names of time zones, as people write them.

use chrono_tz::Tz;

use crate::base::error::{FieldCode, FieldError};
use crate::base::http::value_reader::{ValueReader, exact_line};
use crate::base::limits;

/// A time zone by its IANA name. To who writes another one, `unknown_time_zone` names one that may be meant.
pub fn time_zone() -> impl ValueReader<Value = Tz> {
    exact_line(limits::TIME_ZONE).then(|at, name| match name.parse::<Tz>() {
        Ok(zone) => Some(zone),
        Err(_) => {
            let error = FieldError::new(at.pointer(), FieldCode::UnknownTimeZone);
            at.fail_with(error.with("hint", hint(&name)).with("zone", name))
        }
    })
}

/// Cities that no zone is named for, with the one whose clocks they have.
const CITIES: [(&str, &str); 16] = [
    ("abuja", "Africa/Lagos"),
    ("abomey", "Africa/Porto-Novo"),
    ("bobo-dioulasso", "Africa/Ouagadougou"),
    ("bouake", "Africa/Abidjan"),
    ("cotonou", "Africa/Porto-Novo"),
    ("dodoma", "Africa/Dar_es_Salaam"),
    ("geneva", "Europe/Zurich"),
    ("gitega", "Africa/Bujumbura"),
    ("goma", "Africa/Lubumbashi"),
    ("lyon", "Europe/Paris"),
    ("marrakech", "Africa/Casablanca"),
    ("parakou", "Africa/Porto-Novo"),
    ("pointe-noire", "Africa/Brazzaville"),
    ("rabat", "Africa/Casablanca"),
    ("yamoussoukro", "Africa/Abidjan"),
    ("yaounde", "Africa/Douala"),
];
/// Names that are less like each other than this are not meant.
const MIN_LIKENESS: f64 = 0.85;

/// The zone that may be meant by a name that is none; names as they are written, where nothing is like it.
fn hint(name: &str) -> String {
    let city = deunicode::deunicode(name.rsplit('/').next().unwrap_or_default()).to_ascii_lowercase();
    let city = city.replace(' ', "-");
    if let Some((_, zone)) = CITIES.iter().find(|(known, _)| *known == city) {
        return (*zone).to_owned();
    }
    let likeness = |zone: &Tz| {
        let last = zone.name().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        strsim::jaro_winkler(&last.replace('_', "-"), &city)
    };
    let is_place = |zone: &&Tz| zone.name().contains('/') && !zone.name().starts_with("Etc/");
    let places = chrono_tz::TZ_VARIANTS.iter().filter(is_place);
    let closest = places.max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    match closest.filter(|zone| likeness(zone) >= MIN_LIKENESS) {
        Some(zone) => zone.name().to_owned(),
        None => "Africa/Abidjan, Europe/Paris, UTC".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_zone_is_told_one_that_may_be_meant() {
        for (name, expected) in [
            ("Africa/Cotonou", "Africa/Porto-Novo"),
            ("Africa/Yaoundé", "Africa/Douala"),
            ("Afrique/Lomé", "Africa/Lome"),
            ("Africa/Antananarivo_", "Indian/Antananarivo"),
            ("Paris", "Europe/Paris"),
            ("europe/paris", "Europe/Paris"),
            ("Africa/Dar es Salaam", "Africa/Dar_es_Salaam"),
            ("+01:00", "Africa/Abidjan, Europe/Paris, UTC"),
        ] {
            assert_eq!(hint(name), expected, "{name}");
        }
        for (_, zone) in CITIES {
            assert!(zone.parse::<Tz>().is_ok(), "{zone}");
        }
    }
}
