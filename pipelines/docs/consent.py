"""The page of consent: what each recipient may receive by data group, and what is withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from mappings import code_lists, recipient_fields
from mappings.recipient_fields import FOLDER, RecipientFields
from mappings.source_mapping import list_mappings, load_mapping
from mappings.yaml_file import read_yaml
from pipelines.docs.dictionary import PROTECTION
from pipelines.docs.markdown import (
    format_code,
    format_codes,
    format_item,
    format_page,
    format_table,
    wrap_paragraph,
)
from pipelines.transfer.jobcenter_forms import Consent
from pipelines.transfer.reason_sentences import REASON_MEANING
from warehouse.gates.question import REASONS
from warehouse.schema import ENTITIES, consent
from warehouse.schema.columns import HISTORY_NAMES

ON_THE_FORM = tuple(c.name for c in consent.columns if c.name in {f.name for f in fields(Consent)})
BASIS_MEANING = (
    "Eine Einwilligung auf Formular (`form`) muss alle genannten Bedingungen erfüllen. Eine "
    "eigene Freigabe im Fachverfahren (`release`) nennt weder Empfänger noch Zweck noch Tag; sie "
    "gilt nur für den einen Empfänger, den die Konfiguration dafür nennt (`releases`; ohne Angabe "
    "der einzige), und nur, solange sie geliefert wird. Formulare entstehen aus ihr allein nur, wo "
    "die Konfiguration Tag und Aktenzeichen der Entscheidung der oder des Datenschutzbeauftragten "
    "nennt; das Formular sagt es. Eine Einwilligung von Hand (`consent grant`) zählt wie ein "
    "Formular, ein Widerruf von Hand (`consent revoke`) gegen alles, was bis zu seinem Tag erteilt "
    "wurde, gleich was danach geliefert wird."
)
TOGETHER_MEANING = (
    "Die Datensätze eines Menschen zählen zusammen: Was hinausgeht, muss in jedem Datensatz erlaubt "
    "sein, in dem er sich zu dem Empfänger geäußert hat. Von mehreren Formularen eines Datensatzes "
    "gilt das neueste, das nicht abgelaufen ist; mehrere von einem Tag gelten zusammen. Ein "
    "Widerruf zählt gegen alles, was bis zu seinem Tag erteilt wurde; ein unlesbarer gegen alles."
)


def page_text() -> str:
    """The page consent.md."""
    reasons = [(format_code(reason), REASON_MEANING[reason]) for reason in REASONS]
    return format_page(
        "Weitergabe mit Einwilligung",
        wrap_paragraph(
            "Grundsatz: Nichts geht hinaus, was nicht erlaubt ist. Die Abfrage wählt nur die "
            "Spalten der angekreuzten Datengruppen, und nur für Datensätze, deren Einwilligung am "
            "Tag der Übermittlung gilt. Was hier nicht steht, kann nicht hinausgehen."
        ),
        *(part for name in _recipient_names() for part in _destination_section(name)),
        "## Wann nichts hinausgeht",
        wrap_paragraph(BASIS_MEANING),
        wrap_paragraph(TOGETHER_MEANING),
        wrap_paragraph(
            "Je Einwilligung wird der erste zutreffende Grund in dieser Reihenfolge genannt; "
            "unlesbar zählt gegen die Weitergabe."
        ),
        format_table(("Grund", "Bedeutung"), reasons),
        "## Zuordnungen, denen ein Feld der Prüfung fehlt",
        *_exception_section(),
    )


def _exception_section() -> list[str]:
    """The fields of the gate that shipped mappings do without, with the reason."""
    rows = [
        (format_code(name), table, format_code(field), reason)
        for name in list_mappings()
        for table, part in load_mapping(name).file.tables.items()
        if (fed := part.feeds.get("consent"))
        for field, reason in fed.without.items()
    ]
    if not rows:
        return [wrap_paragraph("Keine der mitgelieferten Zuordnungen kommt ohne eines aus.")]
    return [format_table(("Zuordnung", "Tabelle", "Feld", "Grund"), rows)]


def _recipient_names() -> list[str]:
    """The destinations that need a consent."""
    files = sorted(FOLDER.glob("*.yaml"))
    return [file.stem for file in files if read_yaml(file).data.get("gate") == "consent"]


def _destination_section(name: str) -> list[str]:
    terms = recipient_fields.load_handover(name)
    rows = [_field_row(*field) for field in _released_fields(terms)]
    areas = [code_lists.load_code_list("topic").labels[a] for a in terms.goal_areas]
    return [
        f"## Empfänger der Art {format_code(terms.recipient_kind)}: {terms.title}",
        f"Festlegung {format_code(terms.name)}.",
        format_table(("Datengruppe", "Feld", "Bezeichnung", "Schutz"), rows),
        wrap_paragraph(
            f"Ziele gehen nur hinaus, wenn ihr Bereich {', '.join(areas[:-1])} oder {areas[-1]} "
            "ist, und nur solche, die einer Person allein gehören: Ziele aus dem Plan mehrerer "
            "Personen gehen nicht hinaus."
        ),
        wrap_paragraph(
            "Außerdem trägt jedes Formular: seine Nummer, den Landkreis, den Empfänger, den Tag "
            "und von jeder Einwilligung Zweck, Datengruppen und "
            f"{format_codes(('source_key', *ON_THE_FORM))}. Der Schlüssel des Personendatensatzes "
            "steht weder im Formular noch im Dateinamen."
        ),
        "### Was nie hinausgeht",
        wrap_paragraph(
            "Alle übrigen Felder, auch mit Einwilligung in alle Datengruppen. Für Religion, "
            "Fluchtgeschichte und Notizen gibt es kein Feld; Notizspalten werden beim Lesen "
            "übergangen (siehe sources.md) und stehen nur in den aufbewahrten Lieferungen. Dass "
            "ein Gespräch, eine Weiterleitung oder ein Ziel die Gesundheit betraf, steht im "
            "Datenbestand und geht nie hinaus."
        ),
        format_table(("Tabelle", "Felder"), _withheld_fields(terms)),
        "Schutzklassen:",
        "\n".join(format_item(f"{format_code(k)}: {v}") for k, v in PROTECTION.items()),
    ]


def _released_fields(terms: RecipientFields) -> Iterator[tuple[str, str, str]]:
    """Data group, entity and field of all that a recipient may receive."""
    for group, entities in terms.groups.items():
        for entity, names in entities.items():
            for name in names:
                yield group, entity, name


def _field_row(group: str, entity: str, name: str) -> tuple[str, ...]:
    info = ENTITIES[entity].table.columns[name].info
    label = code_lists.load_code_list("data_group").labels[group]
    field = format_code(f"{entity}.{name}")
    return label, field, info["label"], format_code(info["protection"])


def _withheld_fields(terms: RecipientFields) -> Iterator[tuple[str, str]]:
    released = {(entity, name) for _, entity, name in _released_fields(terms)}
    released |= {("consent", name) for name in ON_THE_FORM}
    for entity, kind in ENTITIES.items():
        own = [c.name for c in kind.table.columns if c.name not in HISTORY_NAMES]
        names = [name for name in own if (entity, name) not in released]
        if names:
            yield f"{kind.table.info['label']} ({format_code(entity)})", format_codes(names)
