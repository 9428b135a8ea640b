"""Which files outside were read, so that untouched ones are not read again. May be deleted."""
