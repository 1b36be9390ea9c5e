//! Every code of a problem, and of what is wrong with one member: one line each, with its status and what it says in
//! English and French.

use serde::Serialize;

use super::phrases::BilingualText;

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $variant:ident $code:literal $status:literal $title_en:literal $title_fr:literal $en:literal $fr:literal)*) => {
        /// What went wrong, as a stable code. `/problems/{code}` explains each one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum Code { $($(#[$doc])* #[doc = $title_en] #[serde(rename = $code)] $variant),* }

        impl utoipa::PartialSchema for Code {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::base::words::open_words_schema(&[$($code),*], "What went wrong, as a stable code.")
            }
        }
        impl utoipa::ToSchema for Code {}

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it is in the JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The HTTP status it is answered with.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// The short title, the same for every occurrence.
            pub fn title(self) -> BilingualText {
                match self { $(Self::$variant => BilingualText { en: $title_en, fr: $title_fr }),* }
            }

            /// What happened this time.
            pub fn detail(self) -> BilingualText {
                match self { $(Self::$variant => BilingualText { en: $en, fr: $fr }),* }
            }
        }
    };
}

problem_codes! {
    MalformedJson "malformed_json" 400 "Malformed JSON" "JSON mal formé"
        "The body is not well-formed JSON: {reason}." "Le corps n’est pas du JSON bien formé : {reason}."
    MalformedCsv "malformed_csv" 400 "Malformed CSV" "CSV mal formé"
        "Line {line} of the file cannot be read: {reason}." "La ligne {line} du fichier est illisible : {reason}."
    UnknownParameter "unknown_parameter" 400 "Unknown query parameter" "Paramètre inconnu"
        "The parameter “{name}” does not exist here. Allowed: {allowed}." "Le paramètre « {name} » n’existe pas ici. Permis : {allowed}."
    InvalidParameter "invalid_parameter" 400 "Invalid query parameter" "Paramètre invalide"
        "The parameter “{name}” is not valid. Expected: {expected}." "Le paramètre « {name} » n’est pas valide. Attendu : {expected}."
    InvalidHeader "invalid_header" 400 "Invalid header" "En-tête invalide"
        "The header {name} is not valid. Expected: {expected}." "L’en-tête {name} n’est pas valide. Attendu : {expected}."
    InvalidCursor "invalid_cursor" 400 "Invalid cursor" "Curseur invalide"
        "The cursor is not one of ours, or belongs to another sort or other filters. Start again without it." "Ce curseur est inconnu, ou appartient à un autre tri ou à d’autres filtres. Recommencez sans lui."
    SortNotCombinable "sort_not_combinable" 400 "Sort not combinable" "Tri non combinable"
        "The sort “-updated_at” goes with the filters locale and type only." "Le tri « -updated_at » ne se combine qu’avec les filtres locale et type."
    ParameterNotForKind "parameter_not_for_kind" 400 "Parameter not for this page" "Paramètre sans objet ici"
        "The page there does not take the parameter “{name}”." "La page qui s’y trouve ne prend pas le paramètre « {name} »."
    QueryTooLong "query_too_long" 400 "Query string too long" "Requête trop longue"
        "The query string exceeds {max} bytes." "La chaîne de requête dépasse {max} octets."
    IdempotencyUnsupported "idempotency_unsupported" 400 "Idempotency-Key not supported here" "Idempotency-Key non pris en charge"
        "This operation takes no Idempotency-Key." "Cette opération ne prend pas d’en-tête Idempotency-Key."
    ReaderTokenRequired "reader_token_required" 400 "Reader token required" "Jeton de lecteur requis"
        "This needs an X-Reader-Token, as does an Idempotency-Key of a guest; /v1/captcha gives one." "Ceci exige un X-Reader-Token, comme l’en-tête Idempotency-Key d’un invité ; /v1/captcha en donne un."
    EditTokenRequired "edit_token_required" 400 "Edit token required" "Jeton de modification requis"
        "Send as X-Edit-Token the token that you were given when you wrote the comment." "Envoyez dans X-Edit-Token le jeton reçu quand vous avez écrit le commentaire."
    Unauthenticated "unauthenticated" 401 "Authentication required" "Authentification requise"
        "A valid access token is required: it is missing, expired, or its session has ended." "Un jeton d’accès valide est requis : il manque, a expiré, ou sa session est close."
    InvalidCredentials "invalid_credentials" 401 "Invalid credentials" "Identifiants invalides"
        "The e-mail address or the password is wrong." "L’adresse électronique ou le mot de passe est erroné."
    SecondFactorRequired "second_factor_required" 401 "Second factor required" "Second facteur requis"
        "The password is right. Send it again with a code of the authenticator app, or a recovery code." "Le mot de passe est exact. Renvoyez-le avec un code de l’application d’authentification, ou un code de secours."
    InvalidSecondFactor "invalid_second_factor" 401 "Invalid second factor" "Second facteur invalide"
        "The code is wrong, has expired or was used before." "Le code est erroné, périmé ou déjà utilisé."
    InvalidRefreshToken "invalid_refresh_token" 401 "Invalid refresh token" "Jeton de renouvellement invalide"
        "The refresh token is unknown, expired or was used before. Log in again." "Le jeton de renouvellement est inconnu, expiré ou déjà utilisé. Reconnectez-vous."
    Forbidden "forbidden" 403 "Not permitted" "Non permis"
        "You may not {permission}." "Vous n’avez pas le droit {permission}."
    TokenScopeMissing "token_scope_missing" 403 "Scope missing" "Portée manquante"
        "This API token was made without the scope that this needs, or not for here: {scopes}." "Ce jeton d’API n’a pas la portée que ceci exige, ou pas ici : {scopes}."
    TokenNotAccepted "token_not_accepted" 403 "No API token here" "Jeton d’API non admis"
        "No API token opens this: log in with a password." "Aucun jeton d’API n’ouvre ceci : connectez-vous avec un mot de passe."
    SecondFactorMissing "second_factor_missing" 403 "Second factor missing" "Second facteur manquant"
        "This site asks your role for a second factor. Set one up first: until then only your own account is open." "Ce site exige un second facteur de votre rôle. Activez-le d’abord : d’ici là, seul votre propre compte est accessible."
    AuthorBanned "author_banned" 403 "You may not comment" "Commentaires refusés"
        "You may not comment here any more." "Vous ne pouvez plus commenter ici."
    AuthorSuspended "author_suspended" 403 "You may not comment for now" "Commentaires suspendus"
        "You may not comment here until {until}." "Vous ne pourrez commenter ici qu’à partir du {until}."
    CommentsClosed "comments_closed" 403 "Comments are closed" "Commentaires fermés"
        "This article takes no comments." "Cet article n’accepte pas de commentaires."
    OwnComment "own_comment" 403 "Your own comment" "Votre propre commentaire"
        "You cannot like your own comment." "Vous ne pouvez pas aimer votre propre commentaire."
    EditTokenWrong "edit_token_wrong" 403 "Wrong edit token" "Mauvais jeton de modification"
        "This comment cannot be changed with this edit token." "Ce commentaire ne peut pas être modifié avec ce jeton."
    NotFound "not_found" 404 "Not found" "Introuvable"
        "There is nothing here." "Il n’y a rien ici."
    OtherKind "other_kind" 404 "Something else stands there" "Autre chose se trouve là"
        "Something of another kind stands there: see “kind” and “location”." "Autre chose se trouve à cette adresse : voir « kind » et « location »."
    MethodNotAllowed "method_not_allowed" 405 "Method not allowed" "Méthode non permise"
        "This resource answers {allowed} only." "Cette ressource ne répond qu’à {allowed}."
    RequestTimeout "request_timeout" 408 "Request timeout" "Délai de requête dépassé"
        "The body stopped coming: nothing for {seconds} s, or less than 1 kB a second." "L’envoi s’est interrompu : rien pendant {seconds} s, ou moins de 1 ko par seconde."
    InvalidState "invalid_state" 409 "Not possible in this state" "Impossible dans cet état"
        "{action} is not possible: the article is {state}{review}." "{action} impossible : l’article est {state}{review}."
    WebhookOff "webhook_off" 409 "Webhook off" "Webhook désactivé"
        "The webhook is off and is sent nothing. Turn it on first." "Le webhook est désactivé : rien ne lui est envoyé. Activez-le d’abord."
    TagMerging "tag_merging" 409 "Tag being merged" "Fusion d’étiquettes en cours"
        "One of the two tags is becoming another at this moment. Try again once it is done." "L’une des deux étiquettes est en train d’être fusionnée. Réessayez quand ce sera terminé."
    TokenEnded "token_ended" 409 "Token ended" "Jeton terminé"
        "This token has expired or was revoked, and never lives again: make another." "Ce jeton a expiré ou a été révoqué, pour toujours : créez-en un autre."
    NotApproved "not_approved" 409 "Not approved" "Non approuvé"
        "This site publishes approved articles only; this one is not approved." "Ce site ne publie que des articles approuvés ; celui-ci ne l’est pas."
    TranslationExists "translation_exists" 409 "Translation exists" "Traduction existante"
        "The story has an article in the language “{locale}” already." "Le sujet a déjà un article dans la langue « {locale} »."
    LeaseHeld "lease_held" 409 "Lease held" "Article déjà en main"
        "{name} is at work on it until {until}. Take it over if you have agreed on that." "{name} y travaille jusqu’au {until}. Prenez la main si vous en êtes convenus ensemble."
    NothingToPublish "nothing_to_publish" 409 "Nothing to publish" "Rien à publier"
        "The article is live and has no unpublished changes." "L’article est en ligne et n’a pas de modification non publiée."
    Embargoed "embargoed" 409 "Under embargo" "Sous embargo"
        "The article must not be public before {embargo_until}." "L’article ne doit pas être public avant le {embargo_until}."
    AlreadyScheduled "already_scheduled" 409 "Already scheduled" "Déjà programmé"
        "{kind} is already scheduled for this article; unschedule it first." "{kind} est déjà programmée pour cet article ; annulez-la d’abord."
    NotScheduled "not_scheduled" 409 "Not scheduled" "Rien de programmé"
        "Nothing of this kind is scheduled for this article." "Aucune programmation de ce type n’est en attente."
    AlreadyDecided "already_decided" 409 "Already decided" "Déjà décidé"
        "The comment is {state} by now; look at it again before you decide." "Le commentaire est désormais {state} ; relisez-le avant d’en décider."
    NothingToUndo "nothing_to_undo" 409 "Nothing to undo" "Rien à annuler"
        "There is no decision to undo." "Aucune décision à annuler."
    CommentNotApproved "comment_not_approved" 409 "Comment not approved" "Commentaire non approuvé"
        "Only approved comments can be featured or pinned; this one is {state}." "Seuls les commentaires approuvés peuvent être mis en avant ; celui-ci est {state}."
    SanctionOver "sanction_over" 409 "Sanction over" "Sanction terminée"
        "The sanction was lifted or has ended; impose a new one." "La sanction a été levée ou a pris fin ; prononcez-en une nouvelle."
    RequestInFlight "request_in_flight" 409 "Request in flight" "Requête en cours"
        "A request with this Idempotency-Key is being processed. Try again shortly." "Une requête avec cet Idempotency-Key est en cours. Réessayez sous peu."
    SectionNotEmpty "section_not_empty" 409 "Section not empty" "Rubrique non vide"
        "The section is not empty (subsections: {children_count}, articles: {article_count}). Say with move_to where all of it goes." "La rubrique n’est pas vide (sous-rubriques : {children_count}, articles : {article_count}). Dites avec move_to où va son contenu."
    SectionCycle "section_cycle" 409 "Section cycle" "Cycle de rubriques"
        "A section cannot be placed below itself." "Une rubrique ne peut pas être placée sous elle-même."
    InUse "in_use" 409 "In use" "En usage"
        "Articles that use it: {article_count}." "Articles qui l’utilisent : {article_count}."
    RedirectExists "redirect_exists" 409 "Redirect exists" "Redirection existante"
        "There is a redirect at {path} already. Change it, or delete it first." "Il y a déjà une redirection à {path}. Modifiez-la, ou supprimez-la d’abord."
    PathSealed "path_sealed" 409 "Path sealed" "Chemin scellé"
        "An article was killed at {path}: the path stays gone and is never given to anything else." "L’article publié à {path} a été retiré pour toujours : son chemin reste retiré et ne sert plus à rien d’autre."
    LastAdmin "last_admin" 409 "Last administrator" "Dernier administrateur"
        "Somebody must be able to administer: this is the last active admin." "Il faut quelqu’un pour administrer : c’est le dernier admin actif."
    SecondFactorSetUp "second_factor_set_up" 409 "Second factor set up" "Second facteur déjà activé"
        "Your account has a second factor. Disable it first to set up another one." "Votre compte a déjà un second facteur. Désactivez-le d’abord pour en activer un autre."
    SecondFactorNotSetUp "second_factor_not_set_up" 409 "No second factor" "Aucun second facteur"
        "Your account has no second factor, or none that waits to be confirmed. Set one up first." "Votre compte n’a pas de second facteur, ou aucun qui attende d’être confirmé. Commencez par en activer un."
    EditWindowClosed "edit_window_closed" 409 "Edit window closed" "Délai de modification écoulé"
        "A comment can be changed or deleted by its author for {minutes} minutes, and changed {max} times." "Un commentaire peut être modifié ou supprimé par son auteur pendant {minutes} minutes, et modifié {max} fois."
    CommentDecided "comment_decided" 409 "Comment moderated" "Commentaire modéré"
        "A moderator has decided not to show this comment; it can no longer be changed." "Un modérateur a décidé de ne pas montrer ce commentaire ; il ne peut plus être modifié."
    CommentDeleted "comment_erased" 409 "Comment deleted" "Commentaire supprimé"
        "The comment was deleted or erased; nothing can be decided any more." "Le commentaire a été supprimé ou effacé ; il n’y a plus rien à décider."
    Gone "gone" 410 "Gone" "Retiré"
        "What stood here was withdrawn for good." "Ce qui se trouvait ici a été retiré définitivement."
    CursorExpired "cursor_expired" 410 "Cursor expired" "Curseur périmé"
        "What was deleted since this cursor is no longer known. Start again without it." "Ce qui a été supprimé depuis ce curseur n’est plus connu. Recommencez sans lui."
    StaleVersion "stale_version" 412 "Stale version" "Version dépassée"
        "Somebody changed it since you read it. Read it again, and send the new ETag." "Quelqu’un l’a modifié depuis votre lecture. Relisez-le et envoyez le nouvel ETag."
    PayloadTooLarge "payload_too_large" 413 "Payload too large" "Corps trop grand"
        "The body exceeds {max} bytes." "Le corps dépasse {max} octets."
    UnsupportedMediaType "unsupported_media_type" 415 "Unsupported media type" "Type de contenu non pris en charge"
        "The Content-Type must be {expected}." "Le Content-Type doit être {expected}."
    ValidationFailed "validation_failed" 422 "Validation failed" "Données invalides"
        "Some members of the body are not valid; see errors." "Des champs du corps ne sont pas valides ; voir « errors »."
    SlugTaken "slug_taken" 422 "Slug taken" "Slug déjà pris"
        "The path {path} is or was used by something else." "Ce chemin est ou a été utilisé par un autre contenu : {path}."
    SlugReserved "slug_reserved" 422 "Slug reserved" "Slug réservé"
        "“{slug}” is reserved at this place." "« {slug} » est réservé à cet endroit."
    PathTaken "path_taken" 422 "Path taken" "Chemin occupé"
        "Something is public at {path}, or is kept for an unpublished article." "Quelque chose est public à {path}, ou y est gardé pour un article dépublié."
    PathReserved "path_reserved" 422 "Path reserved" "Chemin réservé"
        "{path} is a home page or a route of this server." "{path} est une page d’accueil ou une route de ce serveur."
    RedirectLoop "redirect_loop" 422 "Redirect loop" "Boucle de redirections"
        "This redirect would lead back to where it begins: {chain}." "Cette redirection ramènerait à son point de départ : {chain}."
    CommentMissing "comment_missing" 422 "Comment missing" "Commentaire manquant"
        "Please write a comment." "Veuillez écrire un commentaire."
    NameMissing "name_missing" 422 "Name missing" "Nom manquant"
        "Please give your name." "Veuillez indiquer votre nom."
    CaptchaMissing "captcha_missing" 422 "Captcha missing" "Vérification anti-robot manquante"
        "Please confirm that you are not a robot." "Veuillez confirmer que vous n’êtes pas un robot."
    CaptchaFailed "captcha_failed" 422 "Captcha failed" "Échec de la vérification anti-robot"
        "The anti-robot check failed. Please try again." "La vérification anti-robot a échoué. Veuillez réessayer."
    CaptchaScoreTooLow "captcha_score_too_low" 422 "Captcha score too low" "Score anti-robot trop faible"
        "We could not verify that you are not a robot. Please try again." "Nous n’avons pas pu vérifier que vous n’êtes pas un robot. Veuillez réessayer."
    Shouting "shouting" 422 "Written in capitals" "Écrit en majuscules"
        "This reads as shouting. Write it in small letters, or confirm that you want to send it so; a moderator will then read it first." "Un texte en majuscules se lit comme un cri. Réécrivez-le en minuscules, ou confirmez l’envoi ; un modérateur le lira alors d’abord."
    DuplicateComment "duplicate_comment" 422 "Comment already sent" "Commentaire déjà envoyé"
        "You have sent this comment already." "Vous avez déjà envoyé ce commentaire."
    BannedWord "banned_word" 422 "Word not accepted" "Mot non admis"
        "This contains a word that is not accepted here." "Ce texte contient un mot qui n’est pas admis ici."
    EmailTaken "email_taken" 422 "E-mail address taken" "Adresse électronique déjà prise"
        "A user with this e-mail address exists." "Un utilisateur a déjà cette adresse électronique."
    WrongPassword "wrong_password" 422 "Wrong password" "Mot de passe erroné"
        "The current password is wrong." "Le mot de passe actuel est erroné."
    IdempotencyKeyReused "idempotency_key_reused" 422 "Idempotency-Key reused" "Idempotency-Key réutilisé"
        "This Idempotency-Key was used for another request." "Cet Idempotency-Key a servi à une autre requête."
    PreconditionRequired "precondition_required" 428 "Precondition required" "Précondition requise"
        "Send If-Match with the ETag that you read." "Envoyez If-Match avec l’ETag que vous avez lu."
    TooManyRequests "too_many_requests" 429 "Too many requests" "Trop de requêtes"
        "Try again in {seconds} s." "Réessayez dans {seconds} s."
    HeadersTooLarge "headers_too_large" 431 "Headers too large" "En-têtes trop grands"
        "The headers exceed {max} bytes." "Les en-têtes dépassent {max} octets."
    Internal "internal_error" 500 "Internal error" "Erreur interne"
        "Something failed on our side. The request id finds it in our log." "Une erreur est survenue de notre côté. L’identifiant de requête la retrouve dans notre journal."
    Unavailable "unavailable" 503 "Temporarily unavailable" "Momentanément indisponible"
        "The server is too busy or the database is out of reach. Try again shortly." "Le serveur est trop occupé ou la base de données est injoignable. Réessayez sous peu."
    TooManyFollowers "too_many_followers" 503 "Too many followers" "Trop de lecteurs du flux"
        "This server takes {max} followers of the stream at a time, and has as many. Try again later, or ask another instance." "Ce serveur admet {max} lecteurs du flux à la fois, et ils y sont. Réessayez plus tard, ou adressez-vous à une autre instance."
    TooManyFollowersOfNetwork "too_many_followers_of_network" 503 "Too many followers from your network" "Trop de lecteurs du flux depuis votre réseau"
        "This server takes {max} followers of the stream from one network at a time, and has as many from yours. Close one, or try again later." "Ce serveur admet {max} lecteurs du flux à la fois depuis un même réseau, et le vôtre les a. Fermez-en un, ou réessayez plus tard."
    Stopping "stopping" 503 "Server stopping" "Arrêt du serveur en cours"
        "The server is about to stop. Ask another instance." "Le serveur va s’arrêter. Adressez-vous à une autre instance."
    DatabaseUnreachable "database_unreachable" 503 "Database unreachable" "Base de données injoignable"
        "The database does not answer." "La base de données ne répond pas."
    WritesFailing "writes_failing" 503 "Writes are failing" "Écritures impossibles"
        "The database can be read, but not written to." "La base de données se lit, mais refuse toute écriture."
}

macro_rules! field_codes {
    ($($variant:ident $code:literal $en:literal $fr:literal)*) => {
        /// What is wrong with one member of a body, as a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        pub enum FieldCode { $(#[doc = $en] #[serde(rename = $code)] $variant),* }

        impl utoipa::PartialSchema for FieldCode {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::base::words::open_words_schema(&[$($code),*], "What is wrong with one member of a body, as a stable code.")
            }
        }
        impl utoipa::ToSchema for FieldCode {}

        impl FieldCode {
            /// Every field code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it is in the JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What to tell the person who typed it.
            pub fn message(self) -> BilingualText {
                match self { $(Self::$variant => BilingualText { en: $en, fr: $fr }),* }
            }
        }
    };
}

field_codes! {
    Required "required" "This is required." "Ceci est obligatoire."
    Blank "blank" "This must not be blank." "Ceci ne doit pas être vide."
    WrongType "wrong_type" "This must be {expected}." "Ceci doit être {expected}."
    UnknownField "unknown_field" "There is no such member here." "Ce champ n’existe pas ici."
    ReadOnly "read_only" "This cannot be changed here: send it back as it was read, or leave it out." "Ceci ne se modifie pas ici : renvoyez-le tel que vous l’avez lu, ou ne l’envoyez pas."
    DuplicateField "duplicate_field" "This member stands here twice." "Ce champ figure ici deux fois."
    TooLong "too_long" "At most {max} characters." "Au plus {max} caractères."
    TooShort "too_short" "At least {min} characters." "Au moins {min} caractères."
    TooMany "too_many" "No more than {max} of these." "Il ne peut y en avoir plus de {max}."
    TooFew "too_few" "No fewer than {min} of these." "Il ne peut y en avoir moins de {min}."
    OutOfRange "out_of_range" "A whole number from {min} to {max}." "Un nombre entier de {min} à {max}."
    TooDeep "too_deep" "Nested deeper than {max} levels." "Imbriqué au-delà de {max} niveaux."
    InvalidValue "invalid_value" "One of: {allowed}." "Valeurs admises : {allowed}."
    InvalidEmail "invalid_email" "Please give a valid e-mail address." "Veuillez saisir une adresse électronique valide."
    InvalidFormat "invalid_format" "This must be {expected}." "Ceci doit être {expected}."
    ForbiddenCharacter "forbidden_character" "It contains a character that text cannot hold: {character}." "Un caractère n’a pas sa place dans un texte : {character}."
    Duplicate "duplicate" "The same value stands here twice." "La même valeur figure ici deux fois."
    EmbedHostNotListed "embed_host_not_listed" "The site's settings do not list {host} among the hosts whose frames may stand here." "Les réglages du site ne citent pas {host} parmi les hôtes dont les cadres sont admis."
    RawHtmlNotPermitted "raw_html_not_permitted" "You may leave this raw HTML as it is or delete it, but neither add nor change it." "Vous pouvez laisser ce HTML brut tel quel ou le supprimer, mais ni l’ajouter ni le modifier."
    NotLive "not_live" "No article that readers see has this id or this path." "Aucun article que voient les lecteurs n’a cet identifiant ni ce chemin."
    UnknownReference "unknown_reference" "Nothing has this id." "Rien ne porte cet identifiant."
    ParentNotShown "parent_not_shown" "The comment that you are answering is no longer shown." "Le commentaire auquel vous répondez n’est plus affiché."
    NotKnown "not_known" "This comment does not identify its author in this way." "Ce commentaire ne permet pas d’identifier son auteur ainsi."
    NotClearable "not_clearable" "This cannot be cleared." "Ceci ne peut être vidé."
    ContradictoryClear "contradictory_clear" "It is both set and cleared." "Il est à la fois renseigné et vidé."
    InTheFuture "in_the_future" "This must not lie in the future." "Ceci ne doit pas être dans le futur."
    TooManySections "too_many_sections" "The site has {max} sections, as many as it may." "Le site compte déjà {max} rubriques, le maximum."
    KeyTaken "key_taken" "Another one has the key “{key}”." "La clé « {key} » est déjà prise."
    LimitReached "limit_reached" "The site has {max} of these, as many as it may." "Le site en compte déjà {max}, le maximum."
    FirstLocale "first_locale" "The first language stays {locale}: its paths have no prefix." "La première langue reste {locale} : ses chemins n’ont pas de préfixe."
    LocaleInUse "locale_in_use" "There are articles in {locale}." "Il existe des articles en {locale}."
    EndsBeforeStart "ends_before_start" "This must lie after the beginning." "Ceci doit être postérieur au début."
    TooManyWordLists "too_many_word_lists" "The site has {max} word lists, as many as it may." "Le site compte déjà {max} listes de mots, le maximum."
    MomentMissing "moment_missing" "Say when: in “at”, with an offset, or in “local_time”." "Dites quand : dans « at », avec un décalage, ou dans « local_time »."
    NotBoth "not_both" "This does not go together with “{other}”." "Ceci ne va pas avec « {other} »."
    UnknownTimeZone "unknown_time_zone" "The IANA database knows no time zone “{zone}”; it has {hint}." "La base IANA ne connaît pas de fuseau « {zone} » ; elle a {hint}."
    SkippedTime "skipped_time" "In {zone} the clocks go forward over this time: it does not exist." "Dans le fuseau {zone}, les horloges sautent cette heure : elle n’existe pas."
    AmbiguousTime "ambiguous_time" "In {zone} this time occurs twice, on {earlier} and on {later}; say which one: earlier or later." "Dans le fuseau {zone}, cette heure a lieu deux fois, le {earlier} et le {later} ; dites laquelle : earlier ou later."
    InThePast "in_the_past" "This must lie in the future." "Ceci doit être dans le futur."
    TooFarAhead "too_far_ahead" "At most {max} days ahead." "Au plus {max} jours à l’avance."
    Missing "missing" "Publishing needs this." "La publication exige ceci."
    SlugTaken "slug_taken" "The path {path} is or was used by something else." "Ce chemin est ou a été utilisé par un autre contenu : {path}."
    SlugReserved "slug_reserved" "“{slug}” is reserved at this place." "« {slug} » est réservé à cet endroit."
    PathTaken "path_taken" "Something is public at {path}, or is kept for an unpublished article." "Quelque chose est public à {path}, ou y est gardé pour un article dépublié."
    PathReserved "path_reserved" "{path} is a home page or a route of this server." "{path} est une page d’accueil ou une route de ce serveur."
    PathSealed "path_sealed" "An article was killed at {path}: the path stays gone and is never given to anything else." "L’article publié à {path} a été retiré pour toujours : son chemin reste retiré et ne sert plus à rien d’autre."
    RedirectLoop "redirect_loop" "This redirect would lead back to where it begins: {chain}." "Cette redirection ramènerait à son point de départ : {chain}."
    LocationMismatch "location_mismatch" "410 goes without a location, every other status with one." "410 va sans location, tout autre statut en exige une."
    CommentMissing "comment_missing" "Please write a comment." "Veuillez écrire un commentaire."
    NameMissing "name_missing" "Please give your name." "Veuillez indiquer votre nom."
    Shouting "shouting" "This reads as shouting. Write it in small letters, or confirm that you want to send it so." "Un texte en majuscules se lit comme un cri. Réécrivez-le en minuscules, ou confirmez l’envoi."
    DuplicateComment "duplicate_comment" "You have sent this comment already." "Vous avez déjà envoyé ce commentaire."
    BannedWord "banned_word" "This contains a word that is not accepted here." "Ce texte contient un mot qui n’est pas admis ici."
    CaptchaMissing "captcha_missing" "Please confirm that you are not a robot." "Veuillez confirmer que vous n’êtes pas un robot."
    CaptchaFailed "captcha_failed" "The anti-robot check failed. Please try again." "La vérification anti-robot a échoué. Veuillez réessayer."
    CaptchaScoreTooLow "captcha_score_too_low" "We could not verify that you are not a robot. Please try again." "Nous n’avons pas pu vérifier que vous n’êtes pas un robot. Veuillez réessayer."
    NotLimitable "not_limitable" "This permission holds everywhere: name neither section nor locale." "Cette permission vaut partout : ne donnez ni rubrique ni langue."
    SameTag "same_tag" "A tag cannot be merged into itself." "Une étiquette ne peut pas être fusionnée avec elle-même."
    TooManyWebhooks "too_many_webhooks" "There are {max} webhooks, as many as there may be. Delete one first." "Il y a déjà {max} webhooks, le maximum. Supprimez-en un d’abord."
    TargetRefused "target_refused" "Nothing may be sent there: an https URL whose address everybody can reach, or one that the operator allows." "Rien ne peut y être envoyé : il faut une URL https dont l’adresse est joignable par tous, ou que l’exploitant autorise."
    TooManyTokens "too_many_tokens" "You have {max} tokens that are good, as many as you may. Revoke one first." "Vous avez déjà {max} jetons valables, le maximum. Révoquez-en un d’abord."
    EmailTaken "email_taken" "A user with this e-mail address exists." "Un utilisateur a déjà cette adresse électronique."
    WrongCode "wrong_code" "The code is wrong, has expired or was used before." "Le code est erroné, périmé ou déjà utilisé."
    WrongPassword "wrong_password" "The current password is wrong." "Le mot de passe actuel est erroné."
}

impl FieldCode {
    /// The problem code that speaks for this field code, where there is one.
    pub fn as_problem(self) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == self.as_str())
    }
}
