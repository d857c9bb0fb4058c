"""The parts of what Argo CD reads: names, destinations, templates, the project. Pure."""
