"""The settings of links and retention: defaults, limits and clear refusals."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from xieshang.clock import TIME_ZONE, now
from xieshang.settings import SettingError, read_settings


def test_defaults() -> None:
    settings = read_settings({})
    assert settings.public_url == settings.local_url == "http://127.0.0.1:5005"
    assert settings.retention_days == 180
    assert settings.link_days == 7
    assert settings.secret is None
    assert settings.redis_url is None
    assert settings.web_origins == frozenset()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:5010"),
        ("::1", "http://[::1]:5010"),
        ("192.168.1.7", "http://192.168.1.7:5010"),
    ],
)
def test_links_lead_to_this_machine_unless_told(host: str, url: str) -> None:
    settings = read_settings({"XIESHANG_HOST": host, "XIESHANG_PORT": "5010"})
    assert settings.public_url == url


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://example.org", "https://example.org"),
        ("https://example.org/", "https://example.org"),
        ("http://example.org:8080/help//", "http://example.org:8080/help"),
    ],
)
def test_public_url_has_no_slash_at_the_end(given: str, url: str) -> None:
    assert read_settings({"XIESHANG_PUBLIC_URL": given}).public_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIESHANG_PUBLIC_URL", "example.org"),
        ("XIESHANG_PUBLIC_URL", "ftp://example.org"),
        ("XIESHANG_PUBLIC_URL", "https://"),
        ("XIESHANG_PUBLIC_URL", "https://example.org:port"),
        ("XIESHANG_PUBLIC_URL", "https://example.org:99999"),
        ("XIESHANG_PUBLIC_URL", "https://exa mple.org"),
        ("XIESHANG_PUBLIC_URL", "https://example.org/?a=b"),
        ("XIESHANG_PUBLIC_URL", "javascript:alert(1)"),
        ("XIESHANG_RETENTION_DAYS", "0"),
        ("XIESHANG_RETENTION_DAYS", "-1"),
        ("XIESHANG_RETENTION_DAYS", "forever"),
        ("XIESHANG_LINK_DAYS", "0"),
        ("XIESHANG_LINK_DAYS", "1.5"),
        ("XIESHANG_LINK_DAYS", "999999999999"),
        ("XIESHANG_WEB_ORIGINS", "*"),
        ("XIESHANG_WEB_ORIGINS", "example.org"),
        ("XIESHANG_WEB_ORIGINS", "https://example.org/chat"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_settings({name: value})
    assert name in str(raised.value)
    assert value.rstrip("/") in str(raised.value)
    assert "\n" not in str(raised.value)


def test_origins_are_a_list_of_sites() -> None:
    given = " https://Example.org/, http://localhost:8000 ,,"
    settings = read_settings({"XIESHANG_WEB_ORIGINS": given})
    assert settings.web_origins == {"https://example.org", "http://localhost:8000"}


def test_a_short_secret_is_refused_and_stays_unsaid() -> None:
    with pytest.raises(SettingError) as raised:
        read_settings({"XIESHANG_SECRET": "tooshort"})
    assert "XIESHANG_SECRET" in str(raised.value)
    assert "tooshort" not in str(raised.value)
    assert read_settings({"XIESHANG_SECRET": "s" * 32}).secret == "s" * 32


def test_the_time_is_on_the_pinned_day() -> None:
    pinned = now({"XIESHANG_TODAY": "2026-11-23"})
    assert pinned.date() == date(2026, 11, 23)
    assert pinned.tzinfo is TIME_ZONE
    assert abs((now({}) - datetime.now(TIME_ZONE)).total_seconds()) < 5
