"""What reports show of the research: each result as a section, alone on a page or within the page of a comparison."""
