"""Reads a district's own form for a recipient, where one is configured."""

from __future__ import annotations

from mappings.form_fields import read_form_fields
from mappings.recipient_fields import RecipientFields
from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.transfer.jobcenter_forms import Renderer


class WrongTemplate(Failure):
    """The district's own form cannot be filled; the text names its fields."""

    kind = Kind.WRONG_YAML


def read_own_form(hub: Hub, recipient: str, terms: RecipientFields) -> Renderer | None:
    """What fills the form of the recipient; None: the hub's own. Raises WrongTemplate."""
    from connectors.documents.jobcenter.own_form import OwnForm, TemplateProblem

    template = hub.config.recipients[recipient].template
    if template is None:
        return None
    try:
        content = template.file.read_bytes()
        own = OwnForm(content, read_form_fields(template.fields, terms))
        own.check()
    except FileNotFoundError as error:
        raise WrongTemplate(f"file '{error.filename}' of the template does not exist") from None
    except TemplateProblem as problem:
        raise WrongTemplate(str(problem)) from None
    return own.fill
