"""The parts of the WeChat channel: pages, settings, what Rasa is told of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_ext.channels.wechat_pages import PAGE_BYTES, pages_of, shown_page
from rasa_ext.commands.channels import channel_states, write_credentials
from tests.channels.wechat.platform import AES_KEY, APP_ID, APP_SECRET, LINK, TOKEN
from xieshang.knowledge import current_knowledge
from xieshang.settings import ROOT, SettingError, read_settings
from xieshang.wechat import read_wechat_settings

GIVEN = {
    "XIESHANG_WECHAT_TOKEN": TOKEN,
    "XIESHANG_WECHAT_APP_ID": APP_ID,
    "XIESHANG_WECHAT_APP_SECRET": APP_SECRET,
    "XIESHANG_WECHAT_AES_KEY": AES_KEY,
    "XIESHANG_WECHAT_CERTIFIED": "1",
}
titles = st.lists(
    st.text(st.sampled_from("花呗借还不上了吗1 "), min_size=1, max_size=12), max_size=9
)
texts = st.lists(st.text(max_size=400), min_size=1, max_size=12)


def content(text: str, *titles: str) -> dict[str, Any]:
    buttons = [{"title": title, "payload": title} for title in titles]
    return {"kind": "buttons" if buttons else "text", "text": text, "buttons": buttons}


class TestPages:
    @settings(deadline=None)
    @given(texts, titles, st.integers(1, 5))
    def test_every_page_fits_and_nothing_is_lost(
        self, said: list[str], choices: list[str], sent_alone: int
    ) -> None:
        contents = [content(text) for text in said[:-1]]
        contents.append(content(said[-1], *choices))
        pages = pages_of(contents, current_knowledge(), sent_alone)
        assert pages
        for page in pages:
            shown = shown_page(page, 999_999_999)
            assert 0 < len(shown.encode("utf-8", "surrogatepass")) <= PAGE_BYTES
        if any(text.strip() for text in said) or choices:
            told = "".join("".join(page["text"].split()) for page in pages)
            assert told == "".join("".join(text.split()) for text in said)
        assert [page["rank"] for page in pages] == list(range(len(pages)))
        tells = [rank for rank, page in enumerate(pages) if page.get("more")]
        assert tells == list(range(sent_alone - 1, len(pages) - 1))
        assert [b["title"] for page in pages for b in page["buttons"]] == choices

    def test_markdown_is_taken_out_and_documents_are_links(self) -> None:
        item = {"title": "方案页", "url": "https://a.example/p", "name": "plan.html"}
        card = {
            "kind": "documents",
            "text": "**好了**",
            "items": [item],
            "image": "https://a.example/files/t/plans.png",
        }
        words = current_knowledge().tables["wechat"]
        whole, picture = pages_of([card], current_knowledge(), 5)
        told = f"好了\n{words['documents']}\n方案页：https://a.example/p"
        assert shown_page(whole, 1) == told
        link = f"{words['picture']}：{card['image']}"
        assert shown_page(picture, 2) == link
        (only,) = pages_of([card], current_knowledge(), 1)
        assert shown_page(only, 1) == f"{told}\n\n{link}"

    def test_buttons_are_links_that_name_the_entry(self) -> None:
        (page,) = pages_of([content("问", "花呗", "a&b")], current_knowledge(), 1)
        shown = shown_page(page, 12)
        assert [found.groups() for found in LINK.finditer(shown)] == [
            ("花呗", "12.0", "1. 花呗")
        ]
        assert shown.endswith("\n2. a&b")
        assert "weixin" not in shown_page(page, 0)

    def test_an_answer_with_nothing_to_show_says_so(self) -> None:
        progress = {"kind": "progress", "rank": 1, "count": 9}
        (page,) = pages_of([progress], current_knowledge(), 1)
        assert shown_page(page, 1) == current_knowledge().phrase("busy")


class TestMenu:
    def test_its_payloads_are_intents(self) -> None:
        table = current_knowledge().tables["wechat"]
        domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
        for item in (table["subscribe"], *table["menu"].values()):
            assert item["payload"].removeprefix("/") in domain["intents"]
            assert set(item) == {"title", "payload"}

    def test_the_documentation_names_every_key(self) -> None:
        text = (ROOT / "docs/channels/wechat.md").read_text(encoding="utf-8")
        for key in current_knowledge().tables["wechat"]["menu"]:
            assert f'"{key}"' in text


class TestSettings:
    def test_without_a_token_the_channel_is_off(self) -> None:
        assert read_wechat_settings({}) is None

    def test_secrets_are_not_shown(self) -> None:
        settings = read_wechat_settings(GIVEN)
        assert settings
        assert settings.is_certified
        assert settings.api_url == "https://api.weixin.qq.com"
        for secret in (TOKEN, APP_SECRET, AES_KEY):
            assert secret not in repr(settings)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("TOKEN", "x9"),
            ("TOKEN", "with blank"),
            ("TOKEN", "t" * 33),
            ("APP_ID", "您好"),
            ("APP_SECRET", "short"),
            ("AES_KEY", "k" * 42),
            ("AES_KEY", "k" * 42 + "="),
            ("CERTIFIED", "perhaps"),
            ("API_URL", "api.weixin.qq.com"),
        ],
    )
    def test_a_bad_value_is_named_and_secrets_stay_unsaid(
        self, name: str, value: str
    ) -> None:
        variable = f"XIESHANG_WECHAT_{name}"
        with pytest.raises(SettingError) as raised:
            read_wechat_settings({**GIVEN, variable: value})
        assert variable in str(raised.value)
        assert "\n" not in str(raised.value)
        if name in ("TOKEN", "APP_SECRET", "AES_KEY"):
            assert value not in str(raised.value)

    @pytest.mark.parametrize(
        ("missing", "needed_by"),
        [
            ("TOKEN", "APP_ID"),
            ("APP_ID", "AES_KEY"),
            ("APP_SECRET", "CERTIFIED"),
        ],
    )
    def test_what_needs_another_says_so(self, missing: str, needed_by: str) -> None:
        given = {**GIVEN, f"XIESHANG_WECHAT_{missing}": ""}
        with pytest.raises(SettingError) as raised:
            read_wechat_settings(given)
        assert f"XIESHANG_WECHAT_{missing}" in str(raised.value)
        assert f"XIESHANG_WECHAT_{needed_by}" in str(raised.value)


class TestWhichChannelsAreOn:
    def channels(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
        monkeypatch.setenv("XIESHANG_DATA_DIR", str(folder))
        path = write_credentials(read_settings())
        return list(yaml.safe_load(path.read_text(encoding="utf-8")))

    def test_without_settings_it_is_as_in_the_repository(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        for name in GIVEN:
            monkeypatch.delenv(name, raising=False)
        written = yaml.safe_load((ROOT / "credentials.yml").read_text())
        assert self.channels(monkeypatch, tmp_path) == list(written)
        (state,) = [s for s in channel_states(read_settings()) if s.name == "WeChat"]
        assert state.line.startswith("WeChat is off: XIESHANG_WECHAT_TOKEN is not set")

    def test_with_settings_rasa_mounts_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        for name, value in GIVEN.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("XIESHANG_PUBLIC_URL", "https://a.example")
        from rasa.shared.utils.common import class_from_module_path

        (path,) = [n for n in self.channels(monkeypatch, tmp_path) if "wechat" in n]
        assert class_from_module_path(path).from_credentials({}).name() == "wx"
        (state,) = [s for s in channel_states(read_settings()) if s.name == "WeChat"]
        assert state.line.startswith("WeChat is on: https://a.example/wechat")
        assert not any(value in state.line for value in (TOKEN, APP_SECRET, AES_KEY))
