"""The interactive charts of a comparison: what they show, how lines look, and the page's own Bokeh."""
