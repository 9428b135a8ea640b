"""The use of grants: amounts by rate, deadlines, what is missing, and the files with exactly that person's figures."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from examples.generate import simulate_district
from mappings.grant_terms import load_terms
from pipelines.config import load_config
from pipelines.config.models import Config
from pipelines.config.models import District as DistrictPart
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.figures.workbook import kennzahlen_workbook
from pipelines.funding.evidence import Ledger, collect_evidence, find_due_day
from pipelines.funding.evidence_files import write_evidence, write_total
from pipelines.funding.evidence_rules import EvidenceRules, read_evidence_rules
from pipelines.funding.grant_book import GrantBook, read_grant_book
from pipelines.funding.grant_files import NoEvidence, name_files
from pipelines.funding.posts import round_half_up
from pipelines.hub import Hub
from pipelines.intake.registers import write_registers
from pipelines.intake.run import run_intake
from pipelines.submission.correction import correct_submission
from pipelines.submission.evidence_package import count_evidence
from pipelines.submission.replayed_package import replay_submission, verify_submission
from pipelines.submission.submissions import NotPossible, find_submission, prepare_evidence
from tests.funding.test_registers import REGISTER
from warehouse.as_of import KnownAt

pytestmark = pytest.mark.thorough

District = Callable[..., Config]


def open_book(district: District, register: str) -> GrantBook:
    with Hub(district(register)) as hub:
        write_registers(hub)
        with hub.store.read() as connection:
            return read_grant_book(connection, KnownAt(0, current=True))


def ledger_of(book: GrantBook, today: str = "2025-02-01", **delivered: str) -> Ledger:
    days = {source: date.fromisoformat(day) for source, day in delivered.items()}
    carriers, day = {"landkreis": "Landkreis Probe"}, date.fromisoformat(today)
    rules = EvidenceRules(load_terms(), carriers, "Probe", day, frozenset(), ())
    return Ledger(book, rules, days)


def test_a_grant_is_proved_per_member(district: District) -> None:
    ledger = ledger_of(open_book(district, REGISTER), enaio="2025-01-31", tau="2024-09-30")
    grant = collect_evidence(ledger, "im-2024")
    (member,) = grant.members
    # 366 days but 61 of interruption, three quarters of a post, 60,000 EUR a year.
    exact = Fraction(60_000) * Fraction(3, 4) * (366 - 61) / 366
    assert member.by_rate == round_half_up(exact) == Decimal("37500.00")
    assert (member.staff_cost, member.training_cost, member.spent) == (
        Decimal("45000.50"),
        Decimal("300.00"),
        Decimal("45300.50"),
    )
    assert (member.first, member.last) == (date(2024, 1, 1), date(2024, 12, 31))
    assert member.names == ["Probe, Petra (enaio)", "P. Probe (tau)"]
    assert (grant.applicant, grant.due_on) == ("Landkreis Probe", date(2025, 3, 31))
    said = grant.all_missing
    assert not any(name in " ".join(said) for name in ("Petra", "Muster"))
    assert said == [
        "Zuwendung im-2024: Der Verwendungsnachweis fehlt; er ist bis 31.03.2025 vorzulegen.",
        "Zuwendung im-2024: Der Sachbericht fehlt; er ist bis 31.03.2025 vorzulegen.",
        "Zuwendung im-2024: Nachgewiesen sind 45.300,50 € von 60.000,00 €.",
        "Fachkraft im-1: Die letzte Lieferung der Quelle tau (30.09.2024) liegt vor dem Ende des Zeitraums.",
    ]


NAMES = REGISTER[
    REGISTER.index("  - {staff: im-1, source") : REGISTER.index("  - {staff: im-2, source")
]
HELD = "  - {staff: im-1, post: nord, from: 2024-01-01"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("qualification: a, ", "", "Die Qualifikationsklasse fehlt"),
        ("staff_cost: 45000.50, ", "", "Die Personalkosten fehlen"),
        (", vzae: 0.75", "", "Der Umfang in VZÄ fehlt"),
        (", applicant: landkreis, from", ", from", "Es fehlt der Antragsteller"),
        (", amount: 60000", "", "Es fehlt der bewilligte Betrag"),
        (", to: 2024-12-31, amount", ", amount", "Das Ende der Förderung fehlt; gerechnet ist bis 01.02.2025"),
        ("from: 2024-01-01, to: 2024-12-31, amount", "from: 2024-02-01, to: 2024-12-31, amount", "beginnt vor der Zuwendung"),
        ("amount: 60000", "amount: 60000, evidence_sent: 2025-04-05", "kam 5 Tage nach der Frist vom 31.03.2025"),
        (NAMES, "", "Kein Name aus einer Quelle"),
        (HELD, f"{HELD}, to: 2024-01-31, vzae: 1}}\n{HELD.replace('01-01', '03-01')}", "war keine Stelle besetzt"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(old: str, new: str, says: str, district: District) -> None:
    assert old in REGISTER
    changed = open_book(district, REGISTER.replace(old, new, 1))
    said = collect_evidence(ledger_of(changed), "im-2024").all_missing
    assert any(says in text for text in said), said


def test_a_holding_outside_of_its_grant_is_not_counted(district: District) -> None:
    more = "  - {staff: im-2, grant: im-2024, from: 2025-02-01, vzae: 0.5}\ninterruptions:"
    grant = collect_evidence(
        ledger_of(open_book(district, REGISTER.replace("interruptions:", more, 1))), "im-2024"
    )
    assert [m.member for m in grant.members] == ["im-1"]
    assert (
        "Fachkraft im-2: Die Besetzung ab 01.02.2025 liegt außerhalb der Zuwendung."
        in grant.all_missing
    )


@pytest.mark.parametrize(
    ("im_2", "edition", "due"),
    [
        ("from: 2025-02-01, to: 2025-06-30", 4, date(2024, 12, 31)),
        ("from: 2025-02-01", 4, date(2024, 12, 31)),
        ("from: 2023-01-01, to: 2023-12-31", 4, date(2024, 12, 31)),
        ("from: 2024-11-01, to: 2025-06-30", 4, date(2025, 3, 31)),
        ("from: 2025-02-01, to: 2025-06-30", 3, date(2025, 3, 31)),
    ],
    ids=["later", "later, open", "earlier", "partly within", "package made before"],
)
def test_a_holding_outside_of_its_grant_moves_no_deadline(
    im_2: str, edition: int, due: date, district: District
) -> None:
    more = f"  - {{staff: im-2, grant: im-2024, {im_2}, vzae: 0.5}}\ninterruptions:"
    register = REGISTER.replace(HELD, f"{HELD}, to: 2024-09-30")
    ledger = ledger_of(open_book(district, register.replace("interruptions:", more, 1)))
    ledger = replace(ledger, rules=replace(ledger.rules, edition=edition))
    assert collect_evidence(ledger, "im-2024").due_on == due


def test_a_name_that_no_source_has_is_told_without_it(district: District) -> None:
    ledger = ledger_of(open_book(district, REGISTER), enaio="2025-01-31", tau="2025-01-31")
    recorded = frozenset({("enaio", "Probe, Petra"), ("enaio", "P. Probe")})
    said = collect_evidence(replace(ledger, recorded=recorded), "im-2024").all_missing
    told = [text for text in said if "in keinem Datensatz" in text]
    assert len(told) == 1 and told[0].startswith("Fachkraft im-1:")
    assert "der Quelle tau;" in told[0] and "Probe" not in told[0]


def test_who_is_paid_from_two_grants_at_a_time_is_told_apart_by_nobody(district: District) -> None:
    more = "  - {staff: im-1, grant: uk-2024, from: 2024-07-01, to: 2024-07-31, vzae: 0.25}\ninterruptions:"
    book = open_book(district, REGISTER.replace("interruptions:", more, 1))
    said = collect_evidence(ledger_of(book), "im-2024").all_missing
    assert any("In dieser Zeit auch aus der Zuwendung uk-2024 bezahlt" in text for text in said)
    (member,) = [
        m for m in collect_evidence(ledger_of(book), "uk-2024").members if m.member == "im-1"
    ]
    assert (member.first, member.last) == (date(2024, 7, 1), date(2024, 7, 31))


def test_an_unknown_rate_is_said_and_makes_no_amount(district: District) -> None:
    register = REGISTER.replace("2024-", "2021-").replace("2025-", "2022-")
    grant = collect_evidence(ledger_of(open_book(district, register)), "im-2024")
    assert grant.by_rate is None and grant.members[0].by_rate is None
    assert "Fachkraft im-1: Für 2021 ist kein Satz je VZÄ bekannt." in grant.all_missing


def test_evidence_is_due_three_months_after_the_longest_funded_person(district: District) -> None:
    """Once per applicant, over its grants of one line and time."""
    register = REGISTER.replace("posts:", "  - {key: im-b, applicant: landkreis, from: 2024-07-01, to: 2025-06-30}\nposts:", 1).replace(
        "interruptions:", "  - {staff: im-2, grant: im-b, from: 2024-11-01, to: 2025-05-31, vzae: 0.5}\ninterruptions:", 1
    )  # fmt: skip
    ledger = ledger_of(open_book(district, register))
    due = {grant: find_due_day(ledger, grant) for grant in ("im-2024", "im-b", "uk-2024")}
    assert due == {
        "im-2024": date(2025, 8, 31),
        "im-b": date(2025, 8, 31),
        "uk-2024": date(2025, 1, 31),
    }


def test_names_of_files_name_nobody(district: District) -> None:
    ledger = ledger_of(open_book(district, REGISTER))
    named = name_files(["im-1", "probe-petra", "IM Müller/2", "IM-M-ller-2", "../x", "ä"], ledger)
    assert named["im-1"] == "im-1" and named["IM Müller/2"] == "IM-M-ller-2"
    for key in ("probe-petra", "IM-M-ller-2", "ä"):
        assert named[key] == f"nr-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    assert named["../x"] == "x" and len(set(named.values())) == len(named)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A simulated district whose counsellors are registered: one of them under two names."""
    folder = tmp_path_factory.mktemp("kreis")
    path = Path(simulate_district(folder, seed=5, persons=30).config)
    with Hub(load_config(path)) as plain:
        run_intake(plain)
        names = _recorded_names(plain)
    enaio, jobkraftwerk = (next(n for n in names if n[1] == s) for s in ("enaio", "jobkraftwerk"))
    register: dict[str, Any] = {
        "grants": [
            {"key": "im-2025", "applicant": "landratsamt", "from": "2024-01-01", "to": "2025-12-31", "amount": 100000},
        ],
        "staff": [{"key": "im-1", "qualification": "a"}, {"key": "im-2", "qualification": "a"}],
        "names": [
            {"staff": "im-1", "source": enaio[1], "name": enaio[0]},
            {"staff": "im-1", "source": jobkraftwerk[1], "name": jobkraftwerk[0]},
            {"staff": "im-2", "source": "tau", "name": "Niemand"},
        ],
        "holdings": [
            {"staff": key, "grant": "im-2025", "from": "2024-01-01", "to": "2025-06-30", "vzae": 1}
            for key in ("im-1", "im-2")
        ],
    }  # fmt: skip
    text = json.dumps(register, ensure_ascii=False)
    # Days are days in YAML only where they are not quoted.
    for day in ("2024-01-01", "2025-06-30", "2025-12-31"):
        text = text.replace(f'"{day}"', day)
    (folder / "verzeichnis.yaml").write_text(text, encoding="utf-8")
    config = re.sub(r"^staff:\n(?: .*\n)*", "", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(config + "funding: {register: verzeichnis.yaml}\n", encoding="utf-8")
    with Hub(load_config(path), day=date(2025, 9, 1)) as opened:
        write_registers(opened)
        yield opened


def _recorded_names(hub: Hub) -> list[tuple[str, str]]:
    found = compute_kennzahlen(hub, FigureRequest(None, None), ("staff",)).figures
    units = [f.unit for f in found if f.indicator == "conversations" and f.unit]
    return sorted((u["staff"], u["source"]) for u in units)


def read_values(file: Path, sheet: str) -> dict[str, Any]:
    """First column → second, of a sheet; of double labels the first."""
    values: dict[str, Any] = {}
    for label, value, *_ in openpyxl.load_workbook(file)[sheet].iter_rows(values_only=True):
        if isinstance(label, str) and value not in (None, ""):
            values.setdefault(label, value)
    return values


def test_the_folder_of_a_grant_has_exactly_the_persons_figures(hub: Hub, tmp_path: Path) -> None:
    known_at = hub.known_at(None)
    (written,) = write_evidence(hub, tmp_path, known_at)
    folder = tmp_path / "im-2025"
    names = [
        "verwendungsnachweis-im-1.xlsx",
        "verwendungsnachweis-im-1.pdf",
        "verwendungsnachweis-im-2.xlsx",
        "verwendungsnachweis-im-2.pdf",
        "uebersicht.xlsx",
        "manifest.json",
    ]
    assert [*written.files] == names and {p.name for p in folder.iterdir()} == set(names)
    answer = compute_kennzahlen(hub, FigureRequest(date(2024, 1, 1), date(2025, 6, 30)), ("staff",))
    with hub.store.read() as connection:
        book = read_grant_book(connection, known_at)
    mine = {(name, source) for source, name, member in book.names if member == "im-1"}
    summed = sum(
        f.value
        for f in answer.figures
        if f.indicator == "conversations" and f.unit and (f.unit["staff"], f.unit["source"]) in mine
    )
    shown = read_values(folder / names[0], "Auswertung Zeitraum")
    assert shown["Gespräche gesamt"] == summed > 0
    # Persons whom both of the member's names reached count once.
    assert 0 < shown["Erreichte Personen"] <= shown["Erreichte Personendatensätze"]
    nobody = read_values(folder / names[2], "Auswertung Zeitraum")
    assert nobody["Gespräche gesamt"] == 0
    proof = read_values(folder / names[0], "Verwendungsnachweis")
    assert proof["Zeitraum"] == "01.01.2024 bis 30.06.2025"
    # A year at 60,000 EUR and 181 of 365 days at 68,000 EUR.
    assert proof["Betrag nach Satz (EUR)"] == pytest.approx(60_000 + round(68_000 * 181 / 365, 2))
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(folder / names[1]).pages)
    assert "Auswertung Zeitraum" in printed and f"Gespräche gesamt {summed} " in printed
    assert "01.01.2024 bis 30.06.2025" in printed
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name in names[:-1]:
        assert manifest["sha256"][name] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_the_same_grant_is_written_the_same_and_replaces_only_itself(
    hub: Hub, tmp_path: Path
) -> None:
    known_at = hub.known_at(None)
    write_evidence(hub, tmp_path, known_at)
    first = {p.name: p.read_bytes() for p in (tmp_path / "im-2025").iterdir()}
    (tmp_path / "im-2025" / "alt.xlsx").write_bytes(b"")
    write_evidence(hub, tmp_path, known_at, ["im-2025"])
    assert {p.name: p.read_bytes() for p in (tmp_path / "im-2025").iterdir()} == first
    (tmp_path / "fremd" / "im-2025").mkdir(parents=True)
    with pytest.raises(FileExistsError, match="not made by this command"):
        write_evidence(hub, tmp_path / "fremd", known_at)
    with pytest.raises(NoEvidence, match="did you mean 'im-2025'"):
        write_evidence(hub, tmp_path, known_at, ["im-2052"])


def test_the_evidence_is_submitted_and_made_again(hub: Hub, tmp_path: Path) -> None:
    """The files of the folder, frozen: what comes later and another configuration change no byte."""
    made = prepare_evidence(hub, "im-2025", by="Erste")
    write_evidence(hub, tmp_path, hub.known_at(None))
    again = prepare_evidence(hub, "im-2025", by="Zweite")
    assert made.is_new and again.id == made.id and not again.is_new
    payload = Path(made.folder, "data")
    missing = json.loads((payload / "evidence.json").read_text("utf-8"))["missing"]
    # That it is still to be sent is no gap of what is sent.
    gaps = {text for text in missing if "vorzulegen" not in text}
    assert len(gaps) == len(missing) - 2 and gaps == gaps.intersection(made.open_points)
    assert "Fachkraft im-1: Die Personalkosten fehlen." in gaps
    for file in (tmp_path / "im-2025").iterdir():
        if file.name != "manifest.json":
            assert (payload / file.name).read_bytes() == file.read_bytes()
    assert verify_submission(hub, made.id).is_whole
    renamed = hub.config.model_copy(
        update={"district": DistrictPart.model_validate({"ags": "08999", "name": "Anderswo"})}
    )
    with Hub(renamed, hub.today + timedelta(days=400)) as later:
        assert replay_submission(later, made.id).equal
    said = json.loads((payload / "evidence.json").read_text("utf-8"))
    held = {f["unit"]["staff_member"]: f["value"] for f in said["figures"] if _is_held(f)}
    assert held["im-1"] > 0 == held["im-2"] and said["due_on"] == "2025-09-30"
    # What a correction compares is what the package says.
    counted = count_evidence(hub, find_submission(hub, made.id), made.load)
    assert {
        (line.indicator, line.category, *dict(line.unit).values()): n for line, n in counted.items()
    } == {
        (f["indicator"], f["category"], f["unit"]["staff_member"]): f["value"]
        for f in said["figures"]
    }
    with pytest.raises(NoEvidence, match="did you mean 'im-2025'"):
        prepare_evidence(hub, "im-2052")
    with pytest.raises(NotPossible, match=f"submit evidence im-2025 --corrects {made.id}"):
        correct_submission(hub, made.id)
    assert prepare_evidence(hub, "im-2025", corrects=made.id).id != made.id


def _is_held(figure: dict[str, Any]) -> bool:
    return bool(figure["indicator"] == "conversations" and figure["category"] is None)


def test_the_workbook_has_the_vzae_beside_the_staff(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "kennzahlen.xlsx"
    kennzahlen_workbook(hub, FigureRequest(date(2025, 1, 1), date(2025, 12, 31)), file)
    sheet = next(s for s in openpyxl.load_workbook(file) if s.title.endswith("IM"))
    rows = [row[:4] for row in sheet.iter_rows(values_only=True)]
    head = next(at for at, row in enumerate(rows) if row[1] == "Quelle")
    assert rows[head][:3] == ("Integrationsmanager/in", "Quelle", "VZÄ")
    with hub.store.read() as connection:
        named = {
            (name, source)
            for source, name, _ in read_grant_book(connection, hub.known_at(None)).names
        }
    units = [row for row in rows[head + 1 :] if row[1]]
    # One VZÄ on 181 of 365 days.
    assert {row[2] for row in units if row[:2] in named} == {0.5}
    notes = [str(row[0]) for row in rows if str(row[0]).startswith("Eine Fachkraft unter mehreren")]
    rows_of = [row[:2] for row in units if row[:2] in named]
    assert len(rows_of) == 2 and len(notes) == 1
    assert all(f"{name} ({source})" in notes[0] for name, source in rows_of)
    assert {row[2] for row in units if row[:2] not in named} == {"nicht im Register"}


def test_the_total_says_what_is_missing_from_whom(hub: Hub, tmp_path: Path) -> None:
    known_at = hub.known_at(None)
    total = write_total(hub, 2025, known_at, None, tmp_path)
    assert total.file == str(tmp_path / "gesamtverwendungsnachweis-2025.xlsx")
    (grant,) = total.grants
    assert (grant["grant"], grant["persons"], grant["due_on"]) == ("im-2025", 2, date(2025, 9, 30))
    said = " ".join(total.missing)
    assert "Gemeinde Lerchenweiler: Keine Stelle ist für sie eingetragen." in said
    assert "Zuwendung im-2025: Der Sachbericht fehlt; er ist bis 30.09.2025 vorzulegen." in said
    book = openpyxl.load_workbook(tmp_path / "gesamtverwendungsnachweis-2025.xlsx")
    assert book.sheetnames == [
        "Gesamtnachweis",
        "Auswertung Zeitraum",
        "Definitionen",
        "Datengrundlage",
    ]
    with pytest.raises(NoEvidence, match="from 2025 on"):
        write_total(hub, 2024, known_at, None, None)


def test_several_names_together_count_each_person_once(hub: Hub) -> None:
    """Two names of one source as one unit, beside the union of their records in plain Python."""
    from pipelines.funding.member_figures import open_member_scope
    from warehouse.marts.indicators import INDICATORS

    known_at, last = hub.known_at(None), date(2025, 12, 31)
    rules = read_evidence_rules(hub, known_at).choose_rules(last)
    scope = open_member_scope(hub, date(2024, 1, 1), last, known_at, rules)
    with hub.store.read() as connection:
        for name in ("conversations", "persons_reached", "topics", "clients_by_nationality"):
            declared = INDICATORS[name]
            listed = connection.execute(declared.list_records(scope)).mappings().all()
            units = sorted({(r["staff"], r["source"]) for r in listed})[:3]
            things = {
                (r.get("category"), *(r[n] for n in declared.thing_names))
                for r in listed
                if (r["staff"], r["source"]) in units
            }
            rows = connection.execute(declared.count_together(scope, units)).mappings()
            assert sum(r["value"] for r in rows) == len(things) > 0
            assert connection.execute(declared.count_together(scope, [])).all() in ([], [(0,)])


def test_a_holding_of_no_registered_grant_is_in_no_evidence(district: District) -> None:
    book = open_book(district, REGISTER.replace("grant: im-2024, vzae", "vzae"))
    assert collect_evidence(ledger_of(book), "im-2024").members == []
    held = replace(book.holdings[0], grant="im-2024")
    assert len(collect_evidence(ledger_of(replace(book, holdings=[held])), "im-2024").members) == 1
