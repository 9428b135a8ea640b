"""What holds for any table: how it is cut, how it is spelled and in which order its columns stand changes nothing; every row is counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.engine.duplicates import SeenHashes
from mappings.engine.table import TableMapper
from tests.mappings.small import batch, findings, hashes, plan, rows_of, run

PLAN = plan(
    r"""
    key: Nr
    feeds:
      person: {fields: {last_name: Name, birth_date: {column: Geboren, past: true}, sex: Geschlecht}}
      case: {fields: {begun_on: {column: Von, required: true}, municipality: Ort}}
      language_level: {each: {column: Sprachen, split: ",", pattern: '(?P<language>[^()]+?) *(?:\((?P<level>[^()]*)\))?'}}
      housing: {when: Wohnen, fields: {kind: Wohnen}}
    """,
    head="serial_dates: true",
)
HEADER = ["Nr", "Name", "Geboren", "Geschlecht", "Von", "Ort", "Sprachen", "Wohnen"]
CELLS = {
    "Nr": ["", " ", "1", "2", "3", "00004", "5", "6", "7", "8"],
    "Name": ["", "Beispiel", "Müller", "Şahin", "Al\u00adHassan", "=1+1", "O'Neill"],
    "Geboren": ["", "01.01.1990", "31.06.2018", "12.12.2040", "33333", "Mai 1990"],
    "Geschlecht": ["", "m", "weibl.", "unbekannt", "Drache"],
    "Von": ["01.02.2024", "2024-02-01", "01.01.2023", "05.06.2022", "", "00.00.0000"],
    "Ort": ["", "Musterstadt", "MÜHLENRÖTH", "Atlantis"],
    "Sprachen": [
        "",
        "Arabisch (Muttersprache), Deutsch (B1)",
        "Dari (gut)",
        "Deutsch, ,Deutsch (B2)",
    ],
    "Wohnen": ["", " ", "\u200b", "AU", "Privatwohnung", "Zelt"],
}
Row = list[str]
ROWS = st.lists(
    st.tuples(*(st.sampled_from(CELLS[name]) for name in HEADER)).map(list), max_size=25
)


def outcome(
    rows: Sequence[Row], cuts: Sequence[int] = (), header: Sequence[str] = HEADER
) -> dict[str, Any]:
    """Everything that came of the rows, mapped in the pieces that ``cuts`` make of them."""
    mapper = TableMapper(PLAN)
    edges = [0, *sorted(cuts), len(rows)]
    pieces = [
        mapper.map_batch(batch(header, rows[a:b]), pa.array(range(a + 2, b + 2), pa.int64()))
        for a, b in pairwise(edges)
    ]
    return {
        "rows": {
            e.entity: [r for p in pieces for r in rows_of(p, e.entity)] for e in PLAN.entities
        },
        "hashes": {
            e.entity: [
                h for p in pieces if e.entity in p.entities for h in hashes(p, e.entity).items()
            ]
            for e in PLAN.entities
        },
        "findings": sorted((f for p in pieces for f in findings(p)), key=str),
        "counts": [
            sum(c)
            for c in zip(*((p.read, p.used, p.rejected, p.repeated) for p in pieces), strict=True)
        ],
    }


@given(ROWS, st.lists(st.integers(0, 25), max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_table_in_pieces_is_the_table(rows: list[Row], cuts: list[int]) -> None:
    assert outcome(rows, [min(c, len(rows)) for c in cuts]) == outcome(rows)


@given(ROWS, st.permutations(HEADER))
@settings(max_examples=60, deadline=None)
def test_the_order_of_columns_does_not_matter(rows: list[Row], header: list[str]) -> None:
    turned = [[row[HEADER.index(name)] for name in header] for row in rows]
    assert outcome(turned, header=header) == outcome(rows)


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_the_count_closes_and_findings_say_which_rows_were_not_used(rows: list[Row]) -> None:
    mapped = run(PLAN, HEADER, rows, ragged=[100, 101])
    assert mapped.read == len(rows) + 2 == mapped.used + mapped.rejected + mapped.repeated
    rejected = {row for row, _, _, severity in findings(mapped) if severity == "rejected"}
    repeated = {row for row, _, rule, _ in findings(mapped) if rule == "repeated"}
    assert (len(rejected), len(repeated)) == (mapped.rejected, mapped.repeated)
    assert len(rows_of(mapped, "person")) == mapped.used
    assert {r["row"] for r in rows_of(mapped, "person")} == set(
        range(2, len(rows) + 2)
    ) - rejected - repeated
    aside = {row for row, _, _, severity in findings(mapped) if severity == "set_aside"}
    assert aside & (rejected | repeated) == set()


QUIRKS = st.sampled_from(
    [
        lambda t: t + "\u00a0",
        lambda t: "  " + t,
        lambda t: t[:1] + "\u00ad" + t[1:],
        lambda t: t + "\u200e",
        lambda t: t.replace(" ", "\u202f"),
        lambda t: unicodedata.normalize("NFD", t),
    ]
)
SYNONYMS = {
    "w": "weiblich",
    "m": "Mann",
    "01.02.2020": "2020-02-01",
    "AU": "Anschlussunterbringung",
    "43862": "01.02.2020",
}


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_another_spelling_of_the_same_is_no_change(data: st.DataObject) -> None:
    row = [
        "1",
        "Şahin Müller",
        "01.02.2020",
        data.draw(st.sampled_from(["m", "w"])),
        "01.02.2020",
        "Mühlenröth",
        "Deutsch (B1)",
        "AU",
    ]
    spelled = [SYNONYMS.get(text, text) if data.draw(st.booleans()) else text for text in row]
    spelled = [data.draw(QUIRKS)(text) for text in spelled]
    plainly, oddly = run(PLAN, HEADER, [row]), run(PLAN, HEADER, [spelled])
    assert findings(oddly) == []
    for entity in plainly.entities:
        assert hashes(oddly, entity) == hashes(plainly, entity), entity


@given(st.sampled_from(["Name", "Geboren", "Geschlecht", "Von", "Ort", "Wohnen"]))
def test_another_meaning_is_a_change(column: str) -> None:
    first = dict(
        zip(
            HEADER,
            ["1", "Beispiel", "01.02.1980", "m", "01.02.2024", "Mühlenröth", "", "AU"],
            strict=True,
        )
    )
    other = {
        "Name": "Muster",
        "Geboren": "02.02.1980",
        "Geschlecht": "w",
        "Von": "02.02.2024",
        "Ort": "Musterstadt",
        "Wohnen": "VU",
    }
    before = run(PLAN, HEADER, [list(first.values())])
    after = run(PLAN, HEADER, [list((first | {column: other[column]}).values())])
    assert sum(hashes(before, e) != hashes(after, e) for e in before.entities) == 1


SECRET = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF), min_size=3, max_size=6)


@given(SECRET, st.sampled_from(HEADER[1:]))
@settings(max_examples=60, deadline=None)
def test_findings_carry_no_value_but_in_the_column_for_it(secret: str, column: str) -> None:
    row = dict(zip(HEADER, ["1", "Beispiel", "", "", "01.02.2024", "", "", ""], strict=True)) | {
        column: secret
    }
    found = run(PLAN, HEADER, [list(row.values()), list(row.values())]).findings
    assert secret not in str(found.drop_columns("value").to_pydict())
    reported = [f for f in found.to_pylist() if f["column"] == column]
    assert all(f["value"] == secret for f in reported)


@given(
    st.lists(
        st.lists(
            st.integers(0, 2**64 - 1) | st.integers(0, 30).map(lambda n: n << 60), max_size=20
        ),
        max_size=6,
    )
)
@settings(max_examples=40, deadline=None)
def test_seen_remembers_like_a_set(batches: list[list[int]]) -> None:
    seen, known = SeenHashes(), set[int]()
    for numbers in batches:
        expected = []
        for n in (number % 2**64 for number in numbers):
            expected.append(n in known)
            known.add(n)
        values = np.array([number % 2**64 for number in numbers], dtype=np.uint64)
        assert seen.check(values).tolist() == expected
