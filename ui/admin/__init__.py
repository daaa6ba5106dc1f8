"""What administrators do on the page: add and remove plans, go back, watch a build."""
