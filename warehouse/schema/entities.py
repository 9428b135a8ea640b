"""Registry of the entities: the name a mapping feeds each by, and the record it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table

from warehouse.schema import people, work


@dataclass(frozen=True)
class Entity:
    """An entity a mapping may feed.

    ``record``: the record of the balance it belongs to; a conversation counts as changed when one
    of its topics changed. ``owner``: the column that repeats the key of the record ("person_key",
    "conversation_key"). ``each``: the columns that distinguish several rows of one record (a
    topic); an entity without ``each`` has one row per key.
    """

    name: str
    table: Table
    record: str
    owner: str | None = None
    each: tuple[str, ...] = ()

    @property
    def is_record(self) -> bool:
        """Whether the balance counts the entity itself."""
        return self.name == self.record


_ALL = (
    Entity("person", people.person, "case"),
    Entity("residence_status", people.residence_status, "case", "person_key"),
    Entity("housing", people.housing, "case", "person_key"),
    Entity("municipality_residence", people.municipality_residence, "case", "person_key"),
    Entity("language_level", people.language_level, "case", "person_key", ("language",)),
    Entity("education_work", people.education_work, "case", "person_key"),
    Entity("case", work.counselling_case, "case", "person_key"),
    Entity("household", people.household, "household"),
    Entity(
        "household_member", people.household_member, "household", "household_key", ("person_key",)
    ),
    Entity("conversation", work.conversation, "conversation"),
    Entity(
        "conversation_participant",
        work.conversation_participant,
        "conversation",
        "conversation_key",
        ("person_key",),
    ),
    Entity(
        "conversation_topic",
        work.conversation_topic,
        "conversation",
        "conversation_key",
        ("topic",),
    ),
    Entity(
        "conversation_referral",
        work.conversation_referral,
        "conversation",
        "conversation_key",
        ("target",),
    ),
    Entity("plan", work.plan, "plan"),
    Entity("plan_participant", work.plan_participant, "plan", "plan_key", ("person_key",)),
    Entity("goal", work.goal, "goal"),
    Entity("consent", work.consent, "consent"),
    Entity(
        "consent_data_group", work.consent_data_group, "consent", "consent_key", ("data_group",)
    ),
)

ENTITIES: dict[str, Entity] = {e.name: e for e in _ALL}
RECORDS: tuple[str, ...] = tuple(e.name for e in _ALL if e.is_record)
# Entities that name a person beside the record they belong to.
PERSON_REFERENCES: tuple[str, ...] = (
    "conversation_participant",
    "plan_participant",
    "household_member",
    "goal",
    "consent",
)
