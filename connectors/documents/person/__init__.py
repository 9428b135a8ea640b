"""Documents about the rights of one person: the access to what is held, the certificate of erasure."""
