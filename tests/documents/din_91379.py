"""Letters, sequences and signs of DIN 91379:2022-08 (data types A to E), by code point.

Source: latin_list_1.3 of KoSIT's String.Latin, https://github.com/String-Latin/DIN-91379-Characters-and-Sequences, CC BY 4.0.
"""

from __future__ import annotations

from collections.abc import Iterator

# Latin letters, one code point each.
LATIN = (
    "41-5A 61-7A C0-D6 D8-F6 F8-17E 187-188 18F 197 1A0-1A1 1AF-1B0 1B7 1CD-1DC 1DE-1DF 1E2-1F0 1F4-1F5 1F8-1FF 212-213 218-21B "
    "21E-21F 227-233 259 268 292 1E02-1E03 1E06-1E07 1E0A-1E11 1E17 1E1C-1E2B 1E2F-1E37 1E3A-1E3B 1E40-1E49 1E52-1E5B 1E5E-1E63 "
    "1E6A-1E6F 1E80-1E87 1E8C-1E97 1E9E 1EA0-1EF9"
)
# Latin letters of a base and combining signs.
SEQUENCES = (
    "41+30B 43+300 43+304 43+306 43+308 43+315 43+323 43+326 43+328+306 44+302 46+300 46+304 47+300 48+304 48+326 48+331 4A+301 "
    "4A+30C 4B+300 4B+302 4B+304 4B+307 4B+315 4B+31B 4B+326 4B+35F+48 4B+35F+68 4C+302 4C+325 4C+325+304 4C+326 4D+300 4D+302 "
    "4D+306 4D+310 4E+302 4E+304 4E+306 4E+326 50+300 50+304 50+315 50+323 52+306 52+325 52+325+304 53+300 53+304 53+31B+304 "
    "53+331 54+300 54+304 54+308 54+315 54+31B 55+307 5A+300 5A+304 5A+306 5A+308 5A+327 61+30B 63+300 63+304 63+306 63+308 "
    "63+315 63+323 63+326 63+328+306 64+302 66+300 66+304 67+300 68+304 68+326 6A+301 6B+300 6B+302 6B+304 6B+307 6B+315 6B+31B "
    "6B+326 6B+35F+68 6C+302 6C+325 6C+325+304 6C+326 6D+300 6D+302 6D+306 6D+310 6E+302 6E+304 6E+306 6E+326 70+300 70+304 "
    "70+315 70+323 72+306 72+325 72+325+304 73+300 73+304 73+31B+304 73+331 74+300 74+304 74+315 74+31B 75+307 7A+300 7A+304 "
    "7A+306 7A+308 7A+327 C7+306 DB+304 E7+306 FB+304 FF+301 10C+315 10C+323 10D+315 10D+323 113+30D 12A+301 12B+301 14D+30D "
    "17D+326 17D+327 17E+326 17E+327 1E32+304 1E33+304 1E62+304 1E63+304 1E6C+304 1E6D+304 1EA0+308 1EA1+308 1ECC+308 1ECD+308 "
    "1EE4+304 1EE4+308 1EE5+304 1EE5+308"
)
# Signs that are no letters, Greek and Cyrillic letters, and the signs of data type E.
OTHERS = (
    "20-40 5B-60 7B-7E A1-AC AE-BF D7 F7 2B9-2BA 2BE-2BF 2C8 2CC 2019 2021 20AC 386 388-38A 38C 38E-3A1 3A3-3CE 40D 410-42A 42C "
    "42E-44A 44C 44E-44F 45D 192 2B0 2B3 2C6 2DC 2E2 1D48 1D57 2018 201A 201C-201E 2020 2026 2030 2032-2033 2039-203A 2070 "
    "2074-2079 207F 2080-2089 2122 221E 2264-2265"
)


def list_din_91379() -> list[str]:
    """Every letter, sequence and sign of the norm but the blanks for layout."""
    return [*_expand(LATIN), *_expand(SEQUENCES), *_expand(OTHERS)]


def _expand(codes: str) -> Iterator[str]:
    for part in codes.split():
        if "+" in part:
            yield "".join(chr(int(code, 16)) for code in part.split("+"))
            continue
        first, _, last = part.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))
