"""From enaio's web interface to the figures: what is fetched comes to the same as the export of the same objects."""

from __future__ import annotations

import re
import ssl
from datetime import date
from pathlib import Path

import pytest
import trustme
from lxml import etree

from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.fakes.enaio import FakeEnaio
from tests.fakes.enaio.holdings import Held, Holdings

EXPORT = Path(__file__).parents[1] / "acceptance" / "musterkreis" / "enaio" / "2025-01-31"
TYPES = ("Person", "Beratung", "Integrationsplan", "Ziel", "Einwilligung")
HEAD = """\
district: {ags: "08999", name: Musterkreis}
municipalities:
  "08999003": {name: Mühlenröth}
  "08999002": {name: Feldlingen}
  "08999004": {name: Oberlischbach}
sources:
"""


def holdings() -> Holdings:
    """The objects of the export, as enaio would hold them."""
    held = Holdings({}, {})
    for number, name in enumerate(TYPES):
        text = re.sub(r"<\?xml.*?\?>", "", (EXPORT / f"{name}.xml").read_bytes().decode("utf-8"))
        root = etree.fromstring(text)
        columns = [c.get("name", "") for c in root.iter("Column")][:-1]
        held.types[name], held.numbers[name] = tuple(columns), str(number)
        for row in root.iter("Row"):
            values = {c: v.text or None for c, v in zip(columns, row, strict=False)}
            held.objects.append(Held(f"{name}-{row.get('id')}", name, dict(values), "1"))
    return held


def fetched(folder: Path, fake: FakeEnaio, ca: Path) -> Path:
    types = "\n".join(
        f"        {t}: {{columns: [{', '.join(c)}], key: [{c[0]}]}}"
        for t, c in fake.holdings.types.items()
    )
    text = f"""\
  enaio:
    mapping: enaio_dms
    fetch:
      kind: enaio_dms
      url: {fake.url}
      user: {fake.accounts.user}
      page_size: 100
      ca_bundle: {ca}
      object_types:
{types}
"""
    folder.mkdir()
    (folder / "drehscheibe.yaml").write_text(HEAD + text, "utf-8")
    return folder / "drehscheibe.yaml"


def exported(folder: Path) -> Path:
    folder.mkdir()
    (folder / "drehscheibe.yaml").write_text(
        HEAD + f"  enaio: {{mapping: enaio_export, folder: {EXPORT.parent}}}\n", "utf-8"
    )
    return folder / "drehscheibe.yaml"


@pytest.mark.thorough
def test_fetched_and_exported_come_to_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    asked = FigureRequest(None, date(2025, 1, 31))
    with Hub(load_config(exported(tmp_path / "exported"))) as hub:
        run_intake(hub, until=date(2025, 1, 31))
        wanted = compute_kennzahlen(hub, asked, ("municipality", "staff")).figures
    with FakeEnaio(holdings(), tls=context) as fake:
        monkeypatch.setenv("DREHSCHEIBE_SECRET_ENAIO", fake.accounts.password)
        with Hub(
            load_config(
                fetched(tmp_path / "fetched", fake, tmp_path / "ca.pem"), check_folders=False
            )
        ) as hub:
            assert [(r.state, r.findings) for r in run_intake(hub)] == [
                ("loaded", {"rejected": 0, "set_aside": 0, "notice": 0})
            ]
            assert compute_kennzahlen(hub, asked, ("municipality", "staff")).figures == wanted
            assert [r.state for r in run_intake(hub)] == ["known"]
