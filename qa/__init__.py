"""Question → answer with evidence. `qa.service` is the only door for the page and the command line."""
