"""Everything that can happen in a portal, whoever causes it: REST methods and the page do the same deeds."""
