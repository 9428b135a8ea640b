"""Consents by hand: writes them down, shows all that is known of a person's, makes their form."""
