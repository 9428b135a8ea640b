"""What the Jobcenter's form can say of a person: number and contact, right to work, courses, training, recognition, licences."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WHOLE, YES_NO = sa.Integer(), sa.Boolean()
COLUMNS: dict[str, dict[str, Any]] = {
    "person": {
        "jobcenter_number": sa.String(length=40),
        "address": sa.String(length=400),
        "phone": sa.String(length=100),
        "email": sa.String(length=200),
        "children": WHOLE,
        "childcare": YES_NO,
    },
    "residence_status": {
        "work_permission": sa.String(length=40),
        "work_conditions": sa.String(length=1000),
    },
    "language_level": {"certificate": sa.String(length=200)},
    "education_work": {
        "language_course": sa.String(length=400),
        "literacy_course": YES_NO,
        "school_years": WHOLE,
        "school_country": sa.String(length=100),
        "vocational_training": sa.String(length=1000),
        "recognition": sa.String(length=40),
        "occupation_code": sa.String(length=20),
        "it_skills": sa.String(length=400),
        "driving_licence": sa.String(length=200),
        "mobility": sa.String(length=200),
    },
}
# Codes, which say nothing of a person by how often they occur, keep their statistics.
CODES = {"work_permission", "recognition"}


def upgrade() -> None:
    """To this revision; a row's hash is of the fields that its mapping reads, so none changes."""
    on_server = op.get_bind().dialect.name == "postgresql"
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
            if on_server and isinstance(kind, sa.String) and name not in CODES:
                # What is written of a person: no statistics, as of all such columns since 0006.
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")
