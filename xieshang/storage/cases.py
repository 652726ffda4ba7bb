"""The store of confirmed cases, with status, contacts and links to their documents.

The draft stays in Rasa's tracker: a case comes here when the person confirms it. Every
call is one transaction. Times carry a time zone and come from the caller; what is read
back is in UTC.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from xieshang.case.contacts import ContactEntry
from xieshang.case.record import Case
from xieshang.storage.database import writing
from xieshang.storage.records import (
    STATUSES,
    NoCaseError,
    StoredCase,
    read_latest,
    select_stored,
    stored_case,
)
from xieshang.storage.tables import cases, contacts, links, versions
from xieshang.storage.writes import delete_conversation, insert_into, touch

__all__ = ["STATUSES", "CaseStore", "NoCaseError", "StoredCase"]

TOKEN_BYTES = 24


class CaseStore:
    """Confirmed cases in a database that `migrate` has brought up to date."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def confirm(
        self, conversation_id: str, version: int, case: Case, now: datetime
    ) -> StoredCase:
        """Keep a confirmed version.

        The same version again with the same values changes nothing; with other values
        it is replaced. A version higher than all before is a new plan and starts with
        the status "confirmed".

        Args:
            conversation_id: whose it is.
            version: from 1 upwards.
            case: the values.
            now: the time of the confirmation.

        Raises:
            ValueError: a version below 1, or a time without a zone.
        """
        if version < 1:
            raise ValueError(f"version {version} is below 1")
        slots = json.dumps(case.to_slots(), ensure_ascii=False, sort_keys=True)
        key = {"conversation_id": conversation_id, "version": version}
        with writing(self._engine) as connection:
            # Locks the conversation: what follows sees no other confirmation's half.
            touch(connection, conversation_id, now)
            newest = connection.scalar(
                sa.select(sa.func.max(versions.c.version)).where(
                    versions.c.conversation_id == conversation_id
                )
            )
            is_it = [versions.c[name] == value for name, value in key.items()]
            present = connection.scalar(sa.select(versions.c.slots).where(*is_it))
            if present != slots:
                values = {"slots": slots, "confirmed_at": now}
                connection.execute(
                    insert_into(connection, versions)
                    .values(**key, **values)
                    .on_conflict_do_update(index_elements=list(key), set_=values)
                )
            if newest is None or version > newest:
                _set_status(connection, conversation_id, "confirmed", now)
            row = connection.execute(select_stored().where(*is_it)).one()
            return stored_case(row)

    def latest(self, conversation_id: str) -> StoredCase | None:
        """The newest confirmed version, or None."""
        with self._engine.begin() as connection:
            return read_latest(connection, conversation_id)

    def versions(self, conversation_id: str) -> list[StoredCase]:
        """Every confirmed version, the oldest first; each tells the present status."""
        with self._engine.begin() as connection:
            rows = connection.execute(
                select_stored()
                .where(versions.c.conversation_id == conversation_id)
                .order_by(versions.c.version)
            )
            return [stored_case(row) for row in rows]

    def set_status(self, conversation_id: str, status: str, now: datetime) -> None:
        """Set where the negotiation stands; the status it has keeps its time.

        Args:
            conversation_id: whose case.
            status: one of `STATUSES`.
            now: the time of the change.

        Raises:
            ValueError: another status, or a time without a zone.
            NoCaseError: no confirmed case.
        """
        if status not in STATUSES:
            raise ValueError(f"{status!r} is none of {', '.join(STATUSES)}")
        with writing(self._engine) as connection:
            touch(connection, conversation_id, now)
            stored = read_latest(connection, conversation_id)
            if stored is None:
                raise NoCaseError(conversation_id)
            if stored.status != status:
                _set_status(connection, conversation_id, status, now)

    def log_contact(
        self, conversation_id: str, key: str, text: str, day: date, now: datetime
    ) -> None:
        """Keep an entry of the contact log; there need not be a case yet.

        Args:
            conversation_id: whose it is.
            key: names the message it came from: the same key again changes nothing.
            text: what came of it, in the person's words.
            day: the day of the contact.
            now: the time of the entry.

        Raises:
            ValueError: a time without a zone.
        """
        with writing(self._engine) as connection:
            touch(connection, conversation_id, now)
            connection.execute(
                insert_into(connection, contacts)
                .values(
                    conversation_id=conversation_id,
                    key=key,
                    day=day,
                    text=text,
                    logged_at=now,
                )
                .on_conflict_do_nothing()
            )

    def contacts(self, conversation_id: str) -> list[ContactEntry]:
        """The contact log by day, those of a day in the order they were told."""
        with self._engine.begin() as connection:
            rows = connection.execute(
                sa.select(contacts.c.day, contacts.c.text)
                .where(contacts.c.conversation_id == conversation_id)
                .order_by(contacts.c.day, contacts.c.logged_at, contacts.c.key)
            )
            return [ContactEntry(row.day, row.text) for row in rows]

    def issue_link(self, conversation_id: str, now: datetime, days: int) -> str:
        """A new token that opens the conversation's newest case.

        Args:
            conversation_id: whose case.
            now: the time of issue.
            days: how long it opens the case.

        Returns:
            32 characters that stand in an address as they are; only their SHA-256 is
            kept.

        Raises:
            NoCaseError: no confirmed case.
            ValueError: a time without a zone.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with writing(self._engine) as connection:
            touch(connection, conversation_id, now)
            if read_latest(connection, conversation_id) is None:
                raise NoCaseError(conversation_id)
            connection.execute(
                links.insert().values(
                    digest=_digest(token),
                    conversation_id=conversation_id,
                    expires_at=now + timedelta(days=days),
                )
            )
        return token

    def case_of_link(self, token: str, now: datetime) -> StoredCase | None:
        """The newest case that a token opens; None when unknown, expired or deleted."""
        with self._engine.begin() as connection:
            conversation_id = connection.scalar(
                sa.select(links.c.conversation_id).where(
                    links.c.digest == _digest(token), links.c.expires_at > now
                )
            )
            return read_latest(connection, conversation_id) if conversation_id else None

    def export(self, conversation_id: str) -> dict[str, Any]:
        """Versions, status and contacts, as JSON holds them; times in ISO 8601."""
        stored = self.versions(conversation_id)
        return {
            "conversation_id": conversation_id,
            "status": stored[-1].status if stored else None,
            "status_at": stored[-1].status_at.isoformat() if stored else None,
            "versions": [
                {
                    "version": one.version,
                    "confirmed_at": one.confirmed_at.isoformat(),
                    "values": one.case.to_slots(),
                }
                for one in stored
            ],
            "contacts": [
                {"day": entry.day.isoformat(), "text": entry.text}
                for entry in self.contacts(conversation_id)
            ],
        }

    def delete(self, conversation_id: str) -> None:
        """Delete everything of a conversation; its links open nothing any more."""
        with writing(self._engine) as connection:
            delete_conversation(connection, conversation_id)

    def expire(self, conversation_id: str, at: datetime) -> None:
        """Have everything of a conversation deleted at a time, if nobody writes before.

        Args:
            conversation_id: whose it is; nothing happens when there is nothing.
            at: when; an earlier end of the retention stays.

        Raises:
            ValueError: a time without a zone.
        """
        with writing(self._engine) as connection:
            connection.execute(
                cases.update()
                .where(cases.c.conversation_id == conversation_id)
                .values(expires_at=at)
            )

    def purge(self, before: datetime, now: datetime) -> int:
        """Delete the cases that nobody has touched for long, and expired links.

        Args:
            before: cases untouched since before this time go.
            now: links that expired by this time go.

        Returns:
            How many cases were deleted.
        """
        with writing(self._engine) as connection:
            connection.execute(links.delete().where(links.c.expires_at <= now))
            is_outdated = cases.c.touched_at < before
            # A talk has a row too: it is no case before it is confirmed.
            are_cases = sa.and_(is_outdated, cases.c.status.is_not(None))
            deleted = connection.scalar(sa.select(sa.func.count()).where(are_cases))
            connection.execute(cases.delete().where(is_outdated))
            return int(deleted)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _set_status(
    connection: Connection, conversation_id: str, status: str, now: datetime
) -> None:
    connection.execute(
        cases.update()
        .where(cases.c.conversation_id == conversation_id)
        .values(status=status, status_at=now)
    )
