"""One module a kind of question. `qa.answerers.registry` lists them in the order they are asked."""
