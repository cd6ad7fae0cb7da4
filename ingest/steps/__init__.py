"""The steps of an event, in the order of travel; each knows only its own."""
