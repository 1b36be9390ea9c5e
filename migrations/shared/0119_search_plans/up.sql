-- Whether entries of the desk's search are of a format before.
CREATE INDEX desk_search_by_format ON desk_search (search_format);
