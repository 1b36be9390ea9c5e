-- What excerpts are cut from, and what would be indexed again.
UPDATE published_articles SET search_text = '', press_format = 0 WHERE card_json NOT LIKE '%"access":"free"%';
