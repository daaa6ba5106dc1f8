"""What people browse: things of the graph, tables, and the text. Functions over `qa.knowledge.Knowledge`."""
