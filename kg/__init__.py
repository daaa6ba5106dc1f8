"""Knowledge graph: vocabulary, schema, ports, stores, queries and export. Imports nothing of ours."""
