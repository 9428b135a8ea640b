"""A person with several consents: the form says of each data group on which consent, purpose and end it rests, in print and as data."""

from __future__ import annotations

import io
import json
import re
import shutil
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from connectors.documents.jobcenter.form import TITLES
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over
from tests.acceptance.district import FOLDER

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
municipalities:
  "08999001": {name: Musterstadt, team: Nord}
sources:
  enaio: {mapping: enaio_export, folder: enaio}
recipients:
  jobcenter: {name: Jobcenter Musterkreis, kind: jobcenter}
"""
# Of one day, the first two count together.
# Number, recipient, purpose, groups, given, end, revoked, released from confidentiality. Only the first two let something out.
CONSENTS = [
    (
        "E-A",
        "Jobcenter Musterkreis",
        "Arbeitsvermittlung",
        "Stammdaten",
        "03.07.2025",
        "31.12.2025",
        "",
        "Ja",
    ),
    (
        "E-B",
        "Jobcenter Musterkreis",
        "Sprachkurs",
        "Sprache|Aufenthalt",
        "03.07.2025",
        "28.02.2026",
        "",
        "Ja",
    ),
    (
        "E-C",
        "Jobcenter Musterkreis",
        "Ausbildung",
        "Beruf|Sprache",
        "01.03.2025",
        "31.05.2025",
        "",
        "Ja",
    ),
    (
        "E-D",
        "Jobcenter Musterkreis",
        "Schule",
        "Schule_Ausbildung|Stammdaten",
        "01.03.2025",
        "",
        "01.04.2025",
        "Ja",
    ),
    ("E-E", "Wohnungsamt", "Wohnung", "Ziele_Arbeit", "01.03.2025", "", "", "Ja"),
]
Form = tuple[str, Any]


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    """The text and the attached data of the one form handed over."""
    folder = tmp_path_factory.mktemp("consents")
    delivered = shutil.copytree(FOLDER / "enaio" / "2025-07-31", folder / "enaio" / "2025-07-31")
    file = delivered / "Einwilligung.xml"
    rows = [(number, "100001", *rest, "") for number, *rest in CONSENTS]
    xml = "".join(
        f'<Row id="{n}">{"".join(f"<Value>{v}</Value>" for v in row)}</Row>'
        for n, row in enumerate(rows, 1)
    )
    file.write_text(
        re.sub(r"<Rows>.*</Rows>", f"<Rows>{xml}</Rows>", file.read_text("utf-8"), flags=re.DOTALL),
        "utf-8",
    )
    (folder / "drehscheibe.yaml").write_text(CONFIGURATION, encoding="utf-8")
    with Hub(load_config(folder / "drehscheibe.yaml"), day=date(2025, 8, 1)) as hub:
        run_intake(hub)
        told = hand_over(hub, decide_transfer(hub, "jobcenter", date(2025, 8, 1)), folder / "out")
    (released,) = told.released
    assert released.records == ["enaio:100001"]
    pdf = PdfReader(io.BytesIO((folder / "out" / released.files[0]).read_bytes()))
    (data,) = pdf.attachments["daten.json"]
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split()), json.loads(data)


def test_the_data_keep_the_consents_apart(form: Form) -> None:
    data = form[1]
    keys = (
        "number",
        "reference",
        "purpose",
        "groups",
        "given_on",
        "valid_until",
        "confidentiality_released",
    )
    assert [tuple(consent[key] for key in keys) for consent in data["consents"]] == [
        (1, "E-A", "Arbeitsvermittlung", ["stammdaten"], "2025-07-03", "2025-12-31", True),
        (2, "E-B", "Sprachkurs", ["aufenthalt", "sprache"], "2025-07-03", "2026-02-28", True),
    ]
    assert {section["group"]: section["consents"] for section in data["sections"]} == {
        "stammdaten": [1],
        "aufenthalt": [2],
        "sprache": [2],
    }
    assert data["purpose"] is None


def test_the_print_keeps_the_consents_apart(form: Form) -> None:
    sections, first, second = re.split(
        r"Einwilligung [12] (?=Nachweis)", form[0].partition("Zweckbindung")[0]
    )
    head = sections.partition("Angaben zur Person")[0]
    assert "Arbeitsvermittlung" not in head and "Sprachkurs" not in head
    for block, own, other in (
        (
            first,
            ("E-A", "Arbeitsvermittlung", "Angaben zur Person", "31.12.2025"),
            second,
        ),
        (
            second,
            (
                "E-B",
                "Sprachkurs",
                "Aufenthalt und Erwerbstätigkeit, Sprachkenntnisse und Kurse",
                "28.02.2026",
            ),
            first,
        ),
    ):
        for value in own:
            assert value in block and value not in other, value


@pytest.mark.parametrize(
    ("title", "ground"),
    [
        ("Angaben zur Person", "Zweck: Arbeitsvermittlung; Einwilligung 1 (E-A)"),
        ("Aufenthalt und Erwerbstätigkeit", "Zweck: Sprachkurs; Einwilligung 2 (E-B)"),
        ("Sprachkenntnisse und Kurse", "Zweck: Sprachkurs; Einwilligung 2 (E-B)"),
    ],
    ids=["stammdaten", "aufenthalt", "sprache"],
)
def test_each_section_names_its_ground(form: Form, title: str, ground: str) -> None:
    assert f"{title} {ground} " in form[0]


def test_a_consent_that_lets_nothing_out_is_not_named(form: Form) -> None:
    both = form[0] + json.dumps(form[1], ensure_ascii=False)
    assert [text for text in ("E-C", "E-D", "E-E", "Wohnungsamt") if text in both] == []
    held_back = [group["group"] for group in form[1]["not_released"]]
    assert held_back == [
        group for group in TITLES if group not in ("stammdaten", "aufenthalt", "sprache")
    ]


def test_a_field_that_the_system_does_not_keep_is_told_from_one_that_is_empty(form: Form) -> None:
    fields = {
        field["name"]: field["state"]
        for section in form[1]["sections"]
        for field in section["fields"]
    }
    assert fields["last_name"] == fields["status"] == "stated"
    assert fields["jobcenter_number"] == fields["valid_until"] == "not_kept"
    assert "Im Fachverfahren nicht geführt: Kundennummer" in form[0]
