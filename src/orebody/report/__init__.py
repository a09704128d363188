"""Reports: the tearsheet of a run and the page of a comparison, as single HTML files that fetch nothing."""
