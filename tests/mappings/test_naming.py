"""Tables that only name records: their form, what is told of their mistakes, and that a key is named as it is fed."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pyarrow as pa
import pytest

from mappings import source_mapping
from mappings.compile import Compiler
from mappings.engine.table import TableMapper
from mappings.problems import YamlProblems
from tests.mappings.small import DAY, MUNICIPALITIES, batch, counts, findings, load

FED = """\
system: Probe
tables:
  Klienten:
    files: Klienten*.csv
    key: [Ort, Nr]
    feeds: {case: {}, person: {fields: {last_name: Name}}}
  Releases:
    files: R*.csv
    key: Nr
    feeds: {consent: {key: [Nr, Art], fields: {basis: {constant: form}, person_key: Nr}, without: WITHOUT}}
  Weg:
    files: Weg*.csv
""".replace(
    "WITHOUT",
    "{recipient: x, valid_until: x, valid_until_unreadable: x, revoked_on: x, revoked_on_unreadable: x}",
)
GOOD = "key: [Ort, Nr]\noptional: true\nends: case\n"

# (the table Weg after its files, line, message, suggestion)
MISTAKES = {
    "neither": (
        "key: Nr\noptional: true\n",
        11,
        "says what its rows are for by exactly one of feeds, ends, keeps",
        None,
    ),
    "two uses": (
        f"{GOOD}keeps: case\n",
        11,
        "says what its rows are for by exactly one of feeds, ends, keeps",
        None,
    ),
    "an entity": (
        GOOD.replace("case", "person"),
        15,
        "'person' is no record",
        "did you mean 'case', with which it ends?",
    ),
    "a wrong word": (
        GOOD.replace("case", "conversatio"),
        15,
        "'conversatio' is no record",
        "did you mean 'conversation'?",
    ),
    "another key": (
        GOOD.replace("Ort, Nr", "Nr"),
        13,
        "must be the key of table 'Klienten', which feeds case",
        "write key: [Ort, Nr]",
    ),
    "nobody feeds it": (
        GOOD.replace("case", "plan"),
        13,
        "no table feeds plan",
        "end what another table feeds",
    ),
    "a key of its own": (
        "key: Nr\noptional: true\nends: consent\n",
        13,
        "consent has a key of its own in table 'Releases', which no other table can name",
        None,
    ),
    "expected in every delivery": (
        GOOD.replace("optional: true\n", ""),
        11,
        "a table that ends records must be optional",
        "add optional: true; a full delivery has none",
    ),
    "nothing to keep": (
        GOOD.replace("ends", "keeps"),
        15,
        "no table ends case",
        "leave the table out",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str, tmp_path: Path) -> None:
    text, line, message, suggestion = MISTAKES[name]
    path = tmp_path / "probe.yaml"
    path.write_text(FED + indent(text, "    "), encoding="utf-8")
    with pytest.raises(YamlProblems) as caught:
        source_mapping.load_mapping(path)
    (found,) = caught.value.problems
    assert (
        found.file,
        found.line,
        found.message.removeprefix("Value error, "),
        found.suggestion,
    ) == (
        "probe.yaml",
        line,
        message,
        suggestion,
    )


def test_a_key_is_named_as_it_is_fed() -> None:
    compiler = Compiler(load(FED + indent(GOOD, "    ")), MUNICIPALITIES, DAY)
    rows = [[" Ulm ", "7\u200b"], ["Ulm", "7"], ["Ulm", "7"], ["Ulm", ""], ["Bad  Urach", "8"]]
    fed = TableMapper(compiler.compile_table("Klienten", {})).map_batch(
        batch(["Ort", "Nr", "Name"], [[*rows[0], "A"], [*rows[4], "B"]]),
        pa.array([2, 3], pa.int64()),
    )
    mapper = TableMapper(compiler.compile_table("Weg", {}))
    mapped = mapper.map_batch(batch(["Ort", "Nr"], rows), pa.array(range(2, 7), pa.int64()), [7])
    assert mapped.named_keys is not None and fed.named_keys is None and mapped.entities == {}
    assert set(mapped.named_keys.to_pylist()) == set(
        fed.entities["case"].column("record_key").to_pylist()
    )
    # Two objects of one key in a recycle bin are no mistake; a row without a key names nothing.
    assert counts(mapped) == (6, 3, 2, 1)
    assert findings(mapped) == [
        (4, None, "repeated", "notice"),
        (5, "Nr", "nothing_named", "notice"),
        (7, None, "ragged_row", "rejected"),
    ]


def test_every_type_that_is_fetched_can_end() -> None:
    tables = source_mapping.load_mapping("enaio_dms").file.tables
    fed = {name for name, part in tables.items() if part.feeds}
    for name in fed:
        named = {part.table: part for part in tables.values()}
        assert named[f"deleted/{name}"].ends == named[f"living/{name}"].keeps != []
        assert named[f"deleted/{name}"].optional and named[f"living/{name}"].optional
