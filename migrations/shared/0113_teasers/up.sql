-- What lists inside pages show of an article. Null until the article is pressed anew: its card is shown meanwhile.
ALTER TABLE published_articles ADD COLUMN teaser_json TEXT;
