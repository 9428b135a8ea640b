"""The tables of the warehouse: entities, registers, ledger. Import all names from here."""

from warehouse.schema.columns import metadata
from warehouse.schema.configuration import configuration_text, load_configuration
from warehouse.schema.consent_doubt import consent_doubt
from warehouse.schema.deliveries import (
    acceptance,
    delivery,
    entity_balance,
    finding,
    load,
    quarantine,
    restoration,
    table_balance,
)
from warehouse.schema.entities import ENTITIES, PERSON_REFERENCES, RECORDS, Entity
from warehouse.schema.grants import (
    GRANT_REGISTERS,
    counselling_extension,
    grant_period,
    interruption,
    post,
    post_holding,
    post_municipality,
    staff_member,
    staff_name,
)
from warehouse.schema.handover import transmission, transmission_event
from warehouse.schema.identity import (
    identity_decision,
    identity_model,
    identity_pair,
    person_anchor,
    person_link,
)
from warehouse.schema.ledger import ledger_content, ledger_leaf, ledger_node
from warehouse.schema.notices import notice, notice_event
from warehouse.schema.people import (
    education_work,
    household,
    household_member,
    housing,
    language_level,
    municipality_residence,
    person,
    residence_status,
)
from warehouse.schema.register import REGISTERS as _PLAIN_REGISTERS
from warehouse.schema.register import (
    carrier,
    funding,
    municipality,
    source_register,
    staff,
    team,
)
from warehouse.schema.rights import (
    erasure,
    kept_sum,
    landing_rewrite,
    person_request,
    record_mark,
)
from warehouse.schema.stale_release import stale_release
from warehouse.schema.statements import consent_statement, consent_statement_group
from warehouse.schema.submissions import submission, submission_event
from warehouse.schema.work import (
    consent,
    consent_data_group,
    conversation,
    conversation_participant,
    conversation_referral,
    conversation_topic,
    counselling_case,
    goal,
    plan,
    plan_participant,
)

REGISTERS = (*_PLAIN_REGISTERS, *GRANT_REGISTERS)

__all__ = [
    "ENTITIES",
    "GRANT_REGISTERS",
    "PERSON_REFERENCES",
    "RECORDS",
    "REGISTERS",
    "Entity",
    "acceptance",
    "carrier",
    "configuration_text",
    "consent",
    "consent_data_group",
    "consent_doubt",
    "consent_statement",
    "consent_statement_group",
    "conversation",
    "conversation_participant",
    "conversation_referral",
    "conversation_topic",
    "counselling_case",
    "counselling_extension",
    "delivery",
    "education_work",
    "entity_balance",
    "erasure",
    "finding",
    "funding",
    "goal",
    "grant_period",
    "household",
    "household_member",
    "housing",
    "identity_decision",
    "identity_model",
    "identity_pair",
    "interruption",
    "kept_sum",
    "landing_rewrite",
    "language_level",
    "ledger_content",
    "ledger_leaf",
    "ledger_node",
    "load",
    "load_configuration",
    "metadata",
    "municipality",
    "municipality_residence",
    "notice",
    "notice_event",
    "person",
    "person_anchor",
    "person_link",
    "person_request",
    "plan",
    "plan_participant",
    "post",
    "post_holding",
    "post_municipality",
    "quarantine",
    "record_mark",
    "residence_status",
    "restoration",
    "source_register",
    "staff",
    "staff_member",
    "staff_name",
    "stale_release",
    "submission",
    "submission_event",
    "table_balance",
    "team",
    "transmission",
    "transmission_event",
]
