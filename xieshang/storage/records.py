"""What the store hands out, and how it is read from the tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from xieshang.case.contacts import AGREED, CLOSED, CONTACTED, REFUSED
from xieshang.case.record import Case
from xieshang.storage.tables import cases, versions

STATUSES = ("confirmed", CONTACTED, AGREED, REFUSED, CLOSED)


class NoCaseError(LookupError):
    """The conversation has no confirmed case."""


@dataclass(frozen=True)
class StoredCase:
    """A confirmed version of a case.

    Attributes:
        conversation_id: whose it is.
        version: counted from 1 by the caller.
        case: the values.
        status: where the negotiation stands, one of `STATUSES`.
        confirmed_at: when this version was confirmed.
        status_at: when the status was set.
    """

    conversation_id: str
    version: int
    case: Case
    status: str
    confirmed_at: datetime
    status_at: datetime


def select_stored() -> Any:
    """The query of versions with the status of their case."""
    return sa.select(versions, cases.c.status, cases.c.status_at).join(cases)


def read_latest(connection: Connection, conversation_id: str) -> StoredCase | None:
    """The newest confirmed version, or None."""
    row = connection.execute(
        select_stored()
        .where(versions.c.conversation_id == conversation_id)
        .order_by(versions.c.version.desc())
        .limit(1)
    ).first()
    return stored_case(row) if row else None


def stored_case(row: Any) -> StoredCase:
    """A row of `select_stored`."""
    return StoredCase(
        conversation_id=row.conversation_id,
        version=row.version,
        case=Case.from_slots(json.loads(row.slots)),
        status=row.status,
        confirmed_at=row.confirmed_at,
        status_at=row.status_at,
    )
