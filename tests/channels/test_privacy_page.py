"""The privacy statement: the page, its link, and the same words in docs/."""

from __future__ import annotations

import html
import re

import pytest

from rasa_ext.channels.privacy_page import privacy_sections, send_privacy
from rasa_ext.channels.web_page import PAGE
from xieshang.knowledge import current_knowledge
from xieshang.settings import ROOT, read_settings

DOCUMENT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPERATOR", "RETENTION_DAYS", "LINK_DAYS"):
        monkeypatch.delenv(f"XIESHANG_{name}", raising=False)


def told() -> str:
    return html.unescape(re.sub("<[^>]+>", "", (send_privacy().body or b"").decode()))


def test_the_document_says_the_same() -> None:
    for title, paragraphs in privacy_sections(read_settings({})):
        assert f"## {title}\n" in DOCUMENT
        for paragraph in paragraphs:
            assert f"- {paragraph}\n" in DOCUMENT
            assert paragraph in told()


def test_the_settings_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIESHANG_OPERATOR", "某某<社工站> 电话见门口")
    monkeypatch.setenv("XIESHANG_RETENTION_DAYS", "90")
    monkeypatch.setenv("XIESHANG_LINK_DAYS", "3")
    page = told()
    assert "某某<社工站> 电话见门口" in page
    assert "90 天没有人说话" in page
    assert "3 天后失效" in page
    assert b"<\xe7\xa4\xbe" not in (send_privacy().body or b"")


def test_without_an_operator_people_are_told_not_to_register() -> None:
    assert current_knowledge().tables["privacy"]["operator_unknown"] in told()


def test_the_chat_links_to_it() -> None:
    assert 'data-privacy="/chat/privacy"' in PAGE


def test_it_loads_nothing() -> None:
    answer = send_privacy()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    body = (answer.body or b"").decode()
    assert not re.search(r"<script|src=|url\(", body)
