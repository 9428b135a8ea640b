"""Tells an error of one delivery from one that would stop every source."""

from __future__ import annotations

import errno

from mappings.problems import YamlProblems
from pipelines.failures import describe_place, find_disk_failure
from warehouse.encryption.encrypted_file import DamagedFile
from warehouse.errors import WarehouseError
from warehouse.schema.states import DeliveryState

_VANISHED = (
    "Eine Datei verschwand während des Lesens; die Lieferung wird beim nächsten Lauf genommen."
)
_NO_RIGHTS = (
    "Eine Datei der Lieferung ist nicht lesbar oder der Eingang nicht beschreibbar: "
    "es fehlen Rechte. Nichts wurde übernommen."
)
_DAMAGED = (
    "Eine Datei im Eingang ist beschädigt: Ihr Inhalt ist nicht mehr der, der angekommen ist. "
    "Nichts wurde übernommen. Bitte den Eingang aus der Sicherung wiederherstellen "
    "(drehscheibe db restore) oder die Datei dort löschen, damit sie neu geholt wird."
)
_SHARE = (
    "Das Laufwerk meldete beim Lesen oder Ablegen einer Datei einen Fehler. Nichts wurde "
    "übernommen. Bitte das Laufwerk der Quelle und das des Datenordners prüfen."
)
_UNEXPECTED = (
    "Ein unerwarteter Fehler hielt diese Lieferung auf; sie liegt im Eingang "
    "und wird beim nächsten Lauf wieder versucht"
)


def ends_run(error: Exception) -> bool:
    """Whether all other sources would fail, too: the warehouse or the disk serves them all."""
    if isinstance(error, (DamagedFile, PermissionError)) or _is_of_share(error):
        return False
    return isinstance(error, WarehouseError) or find_disk_failure(error) is not None


def _is_of_share(error: Exception) -> bool:
    """Whether a file could not be read: sources deliver to shares and disks of their own."""
    return isinstance(error, OSError) and error.errno in (errno.EIO, errno.ESTALE, errno.EHOSTDOWN)


def judge_error(error: Exception) -> tuple[DeliveryState, str]:
    """State and German message of the delivery that an error stopped."""
    match error:
        case FileNotFoundError():
            return DeliveryState.GROWING, _VANISHED
        case PermissionError():
            message = _NO_RIGHTS
        case DamagedFile():
            message = _DAMAGED
        case YamlProblems():
            message = f"Die Zuordnung ist fehlerhaft: {error}"
        case OSError() if _is_of_share(error):
            message = _SHARE
        case _:
            message = f"{_UNEXPECTED} ({describe_place(error)})."
    return DeliveryState.FAILED, message
