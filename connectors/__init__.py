"""The only package that touches the outside: brings foreign bytes in as tables of text, carries finished files out."""
