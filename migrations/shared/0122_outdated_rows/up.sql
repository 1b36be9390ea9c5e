-- What a release before wrote, found without looking at all that is live.
CREATE INDEX published_articles_by_press_format ON published_articles (press_format, position DESC);
CREATE INDEX published_articles_by_search_format ON published_articles (search_format);
