//! Words that must find each other and words that must not, judged by a dictionary: each form of a word has an entry of
//! its own, every form is asked for with its accents and without, and must find the others.

use std::collections::{BTreeMap, BTreeSet};

use masthead::base::db::fulltext::{FulltextEntry, FulltextPage};
use masthead::search::query::{self, QueryReading};
use masthead::search::stem::SearchLanguage;
use masthead::search::texts::SearchTexts;
use masthead::search::{analyse, store};
use masthead::site::settings::Site;

use super::corpus::say;
use super::lexicon::{self, Lemma, WordKind};
use crate::support::TestApp;

const SAMPLED_WORDS: usize = 250;
const SAMPLED_VERBS: usize = 60;

/// The seed of the sample: `JUDGED_SEED`, or always the same.
#[expect(clippy::disallowed_methods, reason = "a test has no config")]
fn seed() -> u64 {
    let given = std::env::var("JUDGED_SEED").ok();
    given.map_or(20_261_129, |seed| seed.parse().expect("JUDGED_SEED is a number"))
}

/// Words that look like forms of one another, and are none.
const APART: [(&str, &str); 52] = [
    ("cours", "court"),
    ("fils", "fil"),
    ("poste", "poster"),
    ("france", "franc"),
    ("mali", "mal"),
    ("armée", "arme"),
    ("parti", "partie"),
    ("port", "porte"),
    ("mois", "moi"),
    ("fois", "foi"),
    ("police", "politique"),
    ("police", "policier"),
    ("départ", "département"),
    ("organe", "organisation"),
    ("université", "univers"),
    ("journal", "journée"),
    ("direction", "direct"),
    ("général", "génération"),
    ("médecin", "médecine"),
    ("paris", "pari"),
    ("pays", "paye"),
    ("vers", "ver"),
    ("mer", "mère"),
    ("étranger", "étrange"),
    ("conseiller", "conseil"),
    ("passager", "passage"),
    ("office", "officier"),
    ("prison", "prisonnier"),
    ("chantier", "chant"),
    ("président", "présidence"),
    ("ministre", "ministère"),
    ("social", "socialiste"),
    ("équipe", "équipement"),
    ("traite", "traitement"),
    ("relation", "relatif"),
    ("position", "positif"),
    ("état", "étape"),
    ("niger", "nigeria"),
    ("camp", "campagne"),
    ("vente", "vent"),
    ("prix", "prise"),
    ("mine", "mineur"),
    ("idée", "idéal"),
    ("poisson", "poison"),
    ("désert", "dessert"),
    ("règle", "règlement"),
    ("personne", "personnel"),
    ("cour", "court"),
    ("plan", "plante"),
    ("danger", "dangereux"),
    ("commun", "communauté"),
    ("nation", "nationalité"),
];

/// How many of the entries found were right and wrong, and how many were missed.
#[derive(Default)]
struct Verdict {
    right: usize,
    wrong: usize,
    missed: usize,
    failures: Vec<String>,
}

impl Verdict {
    fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong) as f64
    }

    fn recall(&self) -> f64 {
        self.right as f64 / (self.right + self.missed) as f64
    }
}

/// An index of single words: an entry for each folded form.
struct WordIndex {
    app: TestApp,
    forms: Vec<String>,
}

impl WordIndex {
    async fn of(forms: BTreeSet<String>) -> Self {
        let app = TestApp::new().await;
        let forms: Vec<String> = forms.into_iter().collect();
        let entry =
            |form: &String| SearchTexts::new(form.clone(), None, None, String::new()).entry(SearchLanguage::French);
        let entries: Vec<FulltextEntry> = forms.iter().map(entry).collect();
        app.db()
            .write_blocking(move |conn| {
                for (number, chunk) in entries.chunks(100).enumerate() {
                    let numbered = chunk.iter().enumerate();
                    let rows: Vec<(i64, &FulltextEntry)> = numbered
                        .map(|(index, entry)| (i64::try_from(number * 100 + index).unwrap(), entry))
                        .collect();
                    store::put(conn, &rows)?;
                }
                Ok(())
            })
            .unwrap();
        Self { app, forms }
    }

    /// The forms that a word finds.
    fn found(&self, word: &str) -> BTreeSet<String> {
        let reading = QueryReading::of(&Site::default(), Some("fr"));
        let wanted = query::parse(&format!("{word} "), &reading).unwrap();
        let all = FulltextPage {
            from: 0,
            below: i64::MAX,
            ascending: true,
            limit: 1_000,
        };
        let numbers = self
            .app
            .db()
            .read_blocking(move |conn| store::hits(conn, &wanted, all))
            .unwrap();
        let form = |number: i64| self.forms[usize::try_from(number).unwrap()].clone();
        numbers.into_iter().map(form).collect()
    }

    /// Asks for a word with its accents and without, and judges by what must be found beside itself.
    fn judge(&self, word: &str, expected: &BTreeSet<String>, verdict: &mut Verdict) {
        let folded = analyse::fold(word);
        for q in BTreeSet::from([word, folded.as_str()]) {
            let mut found = self.found(q);
            found.remove(&folded);
            let (beside, without): (Vec<_>, Vec<_>) = (
                found.difference(expected).cloned().collect(),
                expected.difference(&found).cloned().collect(),
            );
            verdict.right += found.intersection(expected).count();
            verdict.wrong += beside.len();
            verdict.missed += without.len();
            if !(beside.is_empty() && without.is_empty()) {
                verdict
                    .failures
                    .push(format!("{q}: found beside {beside:?}, missed {without:?}"));
            }
        }
    }
}

fn folded_forms(lemma: &Lemma) -> BTreeSet<String> {
    lemma.forms.iter().map(|form| analyse::fold(form)).collect()
}

#[actix_web::test]
async fn forms_of_a_noun_or_an_adjective_find_each_other_and_no_other_word() {
    let Some(all) = lexicon::lemmas() else {
        say("skipped: the package hunspell-fr-comprehensive is not installed");
        return;
    };
    let seed = seed();
    say(&format!("{SAMPLED_WORDS} nouns and adjectives, JUDGED_SEED={seed}"));
    let (nouns, verbs): (Vec<Lemma>, Vec<Lemma>) = all
        .into_iter()
        .partition(|lemma| lemma.kind == WordKind::NounOrAdjective);
    // Whatever the dictionary says of a form is right, also where it is a form of several words.
    let mut related: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for lemma in &nouns {
        let forms = folded_forms(lemma);
        for form in &forms {
            related.entry(form.clone()).or_default().extend(forms.iter().cloned());
        }
    }
    let sampled = lexicon::sample(nouns, SAMPLED_WORDS, seed);
    let verbs = lexicon::sample(verbs, SAMPLED_VERBS, seed);
    let apart = APART.iter().flat_map(|(one, other)| [*one, *other]);
    let mut forms: BTreeSet<String> = sampled.iter().flat_map(folded_forms).collect();
    forms.extend(apart.clone().map(analyse::fold));
    let index = WordIndex::of(forms.clone()).await;
    let mut verdict = Verdict::default();
    let mut queries = 0;
    for form in sampled.iter().flat_map(|lemma| &lemma.forms) {
        let folded = analyse::fold(form);
        let mut expected: BTreeSet<String> = related[&folded].intersection(&forms).cloned().collect();
        expected.remove(&folded);
        index.judge(form, &expected, &mut verdict);
        queries += 1;
    }
    let mut met = Vec::new();
    for (one, other) in APART {
        for (asked, wrong) in [(one, other), (other, one)] {
            if index.found(asked).contains(&analyse::fold(wrong)) {
                met.push(format!("{asked} finds {wrong}"));
                verdict.wrong += 1;
            }
        }
    }
    for failure in &verdict.failures {
        say(failure);
    }
    let (precision, recall) = (verdict.precision(), verdict.recall());
    say(&format!(
        "{queries} forms asked for: precision {precision:.3}, recall {recall:.3}; verbs apart: {:.3} of their forms \
         are found by the infinitive",
        verbs_found(&verbs).await
    ));
    assert_eq!(met, Vec::<String>::new());
    assert!(queries >= 200 && precision >= 0.90, "{precision}");
    assert!(recall >= 0.97, "{recall}");
}

/// The share of the forms of verbs that the infinitive finds.
async fn verbs_found(verbs: &[Lemma]) -> f64 {
    let index = WordIndex::of(verbs.iter().flat_map(folded_forms).collect()).await;
    let (mut right, mut asked) = (0, 0);
    for verb in verbs {
        let infinitive = verb.forms.iter().find(|form| form.ends_with('r'));
        let Some(found) = infinitive.map(|infinitive| index.found(infinitive)) else {
            continue;
        };
        let forms = folded_forms(verb);
        right += forms.intersection(&found).count();
        asked += forms.len();
    }
    f64::from(u32::try_from(right).unwrap()) / f64::from(u32::try_from(asked).unwrap())
}
