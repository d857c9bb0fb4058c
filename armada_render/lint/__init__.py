"""Rules about a fleet and its rendering that no error stops: what users stumble on later."""
