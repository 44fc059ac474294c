"""Documents that somebody named: read once, written at once or not at all, and never by taking a device's place."""
