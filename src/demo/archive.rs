//! An archive of any size for trials: articles of the demo's sections, tags and contributors, back in
//! time from the newest, whose texts a seeded generator makes of a few hundred French words. The same
//! seed makes the same texts.

use std::time::{Duration, Instant};

use serde_json::json;

use super::defect;
use crate::articles::model::{Article, Byline, Content, RevisionKind, empty_article};
use crate::articles::store as articles;
use crate::base::clock::Time;
use crate::base::db::{Conn, Db};
use crate::base::error::{Error, Result};
use crate::base::ids::{ContributorId, SectionId, TagId};
use crate::body::article_type::ArticleType;
use crate::body::blocks::Block;
use crate::demo::{DemoOutcome, inspect};
use crate::editorial::workflow::{Publication, publish};
use crate::published::press::{self, IndexTiming};
use crate::published::reindex;
use crate::site::frame::Frame;
use crate::site::{contributors, tags};

/// Articles of one transaction.
const ARTICLES_PER_TRANSACTION: u16 = 250;

/// Seconds between two articles of the archive, on the average.
const SECONDS_BETWEEN: usize = 300;

/// How long the parts of the work took, for how many articles.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArchiveTimings {
    /// Articles written.
    pub articles: usize,
    /// Making texts.
    pub composing: Duration,
    /// Working copies, which the desk finds by their words.
    pub writing: Duration,
    /// Revisions, paths, live rows, links, and what readers' search finds.
    pub pressing: Duration,
    /// Until everything was on the disk.
    pub total: Duration,
}

/// Adds articles to the demo. Calls `report` after each chunk with what was done so far. `None` for a database that is
/// not the demo, which is left alone.
pub fn fill(
    db: &Db,
    count: usize,
    seed: u64,
    mut report: impl FnMut(&ArchiveTimings),
) -> Result<Option<ArchiveTimings>> {
    if db.read_blocking(inspect)? != DemoOutcome::AlreadyPopulated {
        return Ok(None);
    }
    let taxonomy = db.read_blocking(|conn| {
        let frame = Frame::load(conn)?;
        Taxonomy::load(conn, &frame)
    })?;
    let (began, now) = (Instant::now(), db.clock().now());
    let mut stages = ArchiveTimings::default();
    let mut random = SeededRandom(seed);
    let mut age = 15 * 24 * 3_600;
    while stages.articles < count {
        let composing = Instant::now();
        let chunk = usize::from(ARTICLES_PER_TRANSACTION).min(count - stages.articles);
        let mut made = Vec::with_capacity(chunk);
        for _ in 0..chunk {
            age += 1 + i64::try_from(random.below(2 * SECONDS_BETWEEN)).unwrap_or(0);
            made.push(taxonomy.article(&mut random, now.plus_seconds(-age))?);
        }
        stages.composing += composing.elapsed();
        let (writing, pressing) = write(db, made)?;
        stages.writing += writing;
        stages.pressing += pressing;
        stages.articles += chunk;
        stages.total = began.elapsed();
        report(&stages);
    }
    Ok(Some(stages))
}

/// Writes and publishes articles in one transaction, as the desk does; how long each took.
fn write(db: &Db, made: Vec<(Article, Content)>) -> Result<(Duration, Duration)> {
    db.write_blocking(move |conn| {
        press::lock_presses(conn)?;
        let frame = Frame::load(conn)?;
        let writing = Instant::now();
        articles::insert_all(conn, &made)?;
        let (writing, pressing) = (writing.elapsed(), Instant::now());
        for (article, content) in &made {
            let published_at = article.created_at;
            let publication = Publication {
                published_at: Some(published_at),
                numbers_slug: true,
                indexing: IndexTiming::Later,
                ..Publication::new(RevisionKind::Import, None, published_at)
            };
            // As it is stored: what is published is written back whole.
            let mut stored = Article {
                content: content.to_json()?,
                ..article.clone()
            };
            publish(conn, &frame, &mut stored, content, &publication)?;
        }
        while reindex::index_up_to(conn, ARTICLES_PER_TRANSACTION.into())? > 0 {}
        Ok((writing, pressing.elapsed()))
    })
}

/// Which sections articles are in, what they are about, who signs them.
struct Taxonomy {
    sections: Vec<SectionId>,
    tags: Vec<TagId>,
    contributors: Vec<ContributorId>,
}

impl Taxonomy {
    fn load(conn: &mut Conn, frame: &Frame) -> Result<Self> {
        Ok(Self {
            sections: frame.tree.in_order().iter().map(|section| section.id).collect(),
            tags: tags::store::ids(conn)?,
            contributors: contributors::store::ids(conn)?,
        })
    }

    fn article(&self, random: &mut SeededRandom, published_at: Time) -> Result<(Article, Content)> {
        let nothing = || defect("it has no sections, tags or contributors");
        let section = random.one_of(&self.sections).copied().ok_or_else(nothing)?;
        let contributor = random.one_of(&self.contributors).copied().ok_or_else(nothing)?;
        let mut tag_ids = Vec::new();
        for _ in 0..random.below(4) {
            let tag = random.one_of(&self.tags).copied().ok_or_else(nothing)?;
            if !tag_ids.contains(&tag) {
                tag_ids.push(tag);
            }
        }
        let types = [
            ArticleType::Opinion,
            ArticleType::Live,
            ArticleType::Video,
            ArticleType::Gallery,
        ];
        let type_ = match random.below(8) {
            0 => random.one_of(&types).copied().unwrap_or(ArticleType::Article),
            _ => ArticleType::Article,
        };
        let content = Content {
            type_,
            title: title(random),
            standfirst: Some(paragraph(random, 150)),
            section_id: Some(section),
            tag_ids,
            contributors: vec![Byline {
                contributor_id: contributor,
                role: None,
            }],
            blocks: body(random)?,
            is_featured: random.below(200) == 0,
            ..Content::empty()
        };
        let article = Article {
            type_: content.type_,
            title: content.title.clone(),
            section_id: content.section_id,
            ..empty_article("fr", None, published_at)
        };
        Ok((article, content))
    }
}

/// About 1.5 kB: three paragraphs, a quote, a heading.
fn body(random: &mut SeededRandom) -> Result<Vec<Block>> {
    let text = |random: &mut SeededRandom, length| json!({"type": "paragraph", "html": paragraph(random, length)});
    let mut blocks = vec![text(random, 420), text(random, 380)];
    blocks.push(json!({"type": "heading", "level": 2, "text": title(random)}));
    blocks.push(json!({"type": "quote", "html": paragraph(random, 160), "attribution": null}));
    blocks.push(text(random, 380));
    for (index, block) in blocks.iter_mut().enumerate() {
        block["id"] = json!(format!("b{index}"));
    }
    blocks
        .into_iter()
        .map(|block| serde_json::from_value(block).map_err(Error::internal))
        .collect()
}

/// Sentences of so many characters at least.
fn paragraph(random: &mut SeededRandom, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&sentence(random));
    }
    text
}

fn title(random: &mut SeededRandom) -> String {
    let place = pick(random, PLACES);
    match random.below(3) {
        0 => format!("{place} : {} {}", pick(random, SUBJECTS), pick(random, VERBS)),
        1 => capitalised(&format!(
            "{} {} {}",
            pick(random, SUBJECTS),
            pick(random, VERBS),
            pick(random, OBJECTS)
        )),
        _ => format!(
            "À {place}, {} {} {}",
            pick(random, SUBJECTS),
            pick(random, VERBS),
            pick(random, WHENS)
        ),
    }
}

fn sentence(random: &mut SeededRandom) -> String {
    let (subject, verb, object) = (pick(random, SUBJECTS), pick(random, VERBS), pick(random, OBJECTS));
    let sentence = match random.below(4) {
        0 => format!("{} {verb} {object} à {}.", subject, pick(random, PLACES)),
        1 => format!("{}, {subject} {verb} {object}.", pick(random, WHENS)),
        2 => format!("selon {}, {subject} {verb} {object}.", pick(random, SOURCES)),
        _ => format!(
            "{subject} {verb} {object}, {} {}.",
            pick(random, LINKS),
            pick(random, SOURCES)
        ),
    };
    capitalised(&sentence)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + letters.as_str()
}

fn pick<'w>(random: &mut SeededRandom, words: &'w [&'w str]) -> &'w str {
    random.one_of(words).copied().unwrap_or_default()
}

/// SplitMix64: small, quick and the same everywhere.
struct SeededRandom(u64);

impl SeededRandom {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `bound`.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    fn one_of<'t, T>(&mut self, things: &'t [T]) -> Option<&'t T> {
        let index = self.below(things.len());
        things.get(index)
    }
}

const PLACES: &[&str] = &[
    "Cotonou",
    "Porto-Novo",
    "Parakou",
    "Abomey",
    "Ouidah",
    "Natitingou",
    "Bohicon",
    "Djougou",
    "Kandi",
    "Lokossa",
    "Lagos",
    "Ibadan",
    "Kano",
    "Abuja",
    "Lomé",
    "Kara",
    "Accra",
    "Kumasi",
    "Abidjan",
    "Bouaké",
    "Yamoussoukro",
    "Dakar",
    "Thiès",
    "Saint-Louis",
    "Bamako",
    "Ségou",
    "Mopti",
    "Niamey",
    "Zinder",
    "Ouagadougou",
    "Bobo-Dioulasso",
    "Conakry",
    "Freetown",
    "Monrovia",
    "Nouakchott",
    "Douala",
    "Yaoundé",
    "Libreville",
    "Brazzaville",
    "Kinshasa",
];

const SUBJECTS: &[&str] = &[
    "le conseil municipal",
    "la commission électorale",
    "le ministère de la Santé",
    "l’Assemblée nationale",
    "le syndicat des transporteurs",
    "la coopérative des maraîchers",
    "l’université",
    "le port autonome",
    "la fédération de football",
    "l’équipe nationale",
    "la banque centrale",
    "le collectif des pêcheurs",
    "l’ambassadrice",
    "la maire",
    "le procureur",
    "l’orchestre",
    "la réalisatrice",
    "le laboratoire",
    "l’hôpital de zone",
    "la société des eaux",
    "la compagnie d’électricité",
    "le marché central",
    "l’association des parents",
    "la cour d’appel",
    "le tribunal",
    "la gendarmerie",
    "l’opérateur",
    "la chambre de commerce",
    "le comité d’organisation",
    "la troupe",
    "le musée",
    "la bibliothèque",
    "l’entreprise",
    "la jeune pousse",
    "le club",
    "la sélection féminine",
    "l’observatoire",
    "la mission",
    "le gouvernement",
    "l’opposition",
    "la Cour constitutionnelle",
    "le chercheur",
    "la météorologie",
];

const VERBS: &[&str] = &[
    "annonce",
    "suspend",
    "inaugure",
    "reporte",
    "défend",
    "publie",
    "refuse",
    "adopte",
    "examine",
    "relance",
    "critique",
    "salue",
    "ouvre",
    "ferme",
    "rénove",
    "finance",
    "vend",
    "achète",
    "étudie",
    "prépare",
    "célèbre",
    "conteste",
    "signe",
    "négocie",
    "découvre",
    "restaure",
    "forme",
    "accueille",
    "recrute",
    "protège",
    "contrôle",
    "modernise",
    "réclame",
    "distribue",
    "attend",
    "retrouve",
    "promet",
    "évalue",
    "confirme",
    "dément",
];

const OBJECTS: &[&str] = &[
    "un nouvel accord",
    "la réforme du transport",
    "trois chantiers",
    "le budget de l’année",
    "les résultats",
    "une enquête",
    "la saison des pluies",
    "le prix du maïs",
    "les élections locales",
    "un centre de formation",
    "des panneaux solaires",
    "la rentrée scolaire",
    "une campagne de vaccination",
    "le vieux pont",
    "la route du nord",
    "un festival de cinéma",
    "la coupe d’Afrique",
    "des œuvres anciennes",
    "un fonds pour les artisans",
    "la pêche artisanale",
    "les tarifs de l’eau",
    "un câble sous-marin",
    "le dialogue politique",
    "les négociations",
    "une bourse aux livres",
    "la récolte de coton",
    "les droits des femmes",
    "un plan d’urgence",
    "le registre foncier",
    "la monnaie mobile",
    "des forages",
    "un hôpital",
    "le patrimoine royal",
    "les lagunes",
    "un marché couvert",
    "la lutte contre l’érosion",
    "une langue nationale",
    "les archives",
    "un tournoi",
    "des bouées",
];

const WHENS: &[&str] = &[
    "ce lundi",
    "mardi soir",
    "dès mercredi",
    "jeudi matin",
    "vendredi",
    "à la fin de la semaine",
    "depuis janvier",
    "après deux ans de travaux",
    "avant l’été",
    "pour la première fois",
    "au lendemain du vote",
    "à l’aube",
    "en pleine saison sèche",
    "malgré la pluie",
    "sans attendre",
    "d’ici à la fin de l’année",
];

const SOURCES: &[&str] = &[
    "les habitants",
    "un communiqué",
    "plusieurs témoins",
    "la direction",
    "une source proche du dossier",
    "les organisateurs",
    "le porte-parole",
    "les experts",
    "une étude",
    "les commerçants",
    "le préfet",
    "les enseignants",
    "la presse locale",
    "un rapport d’étape",
    "les riverains",
];

const LINKS: &[&str] = &[
    "assurent",
    "précisent",
    "regrettent",
    "ajoutent",
    "rappellent",
    "espèrent",
    "expliquent",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_texts_of_about_one_and_a_half_kilobytes() {
        let text = |seed| -> String {
            let mut random = SeededRandom(seed);
            let blocks = body(&mut random).unwrap();
            crate::body::blocks::plain_text(&blocks)
        };
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
        for seed in 0..50 {
            let length = text(seed).len();
            assert!((1_200..2_000).contains(&length), "{length}");
        }
    }
}
