import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Client } from "../client";
import { inkOn, readableOn } from "../color";
import {
  type Cover,
  NO_COVER,
  type Pending,
  type SentEvent,
  isCovered,
  lastSequence,
  progressOf,
  unreadCount,
} from "../conversation";
import type { Options } from "../options";
import type { Keeper } from "../storage";
import { fill, texts } from "../texts";
import { Composer } from "./Composer";
import { focusQuietly, isTouch } from "./focus";
import { Header, type MenuItem } from "./Header";
import { chatIcon } from "./icons";
import { Log } from "./Log";
import { Bubble } from "./Message";

const LIGHT = "#ffffff";
const DARK = "#1b2127";
// A short break is mended before anybody needs to know.
const TOLD_AFTER_MS = 1200;

interface AppProps {
  options: Options;
  client: Client;
  /** Settings, the same for every tab. */
  settings: Keeper;
  /** What belongs to this tab. */
  tab: Keeper;
}

/** The accent in every use, as custom properties. */
export function palette(color: string): Record<string, string> {
  return {
    "--accent": color,
    "--accent-ink": inkOn(color),
    "--accent-on-light": readableOn(color, LIGHT),
    "--accent-on-dark": readableOn(color, DARK),
  };
}

function idsOf(pending: readonly Pending[]): string[] {
  return pending.map((one) => one.id);
}

/** Launcher and panel. */
export function App({ options, client, settings, tab }: AppProps): JSX.Element {
  const { state } = client;
  const [isOpen, setOpen] = useState(options.full || tab.get("open") === "1");
  const [isLarge, setLarge] = useState(settings.get("large") === "1");
  const sharedSetting = settings.get("shared");
  const [isShared, setShared] = useState(
    sharedSetting === null ? options.shared : sharedSetting === "1",
  );
  const [before, setBefore] = useState<Cover>(() => ({ upTo: 0, ids: idsOf(state.pending) }));
  const [isRevealed, setRevealed] = useState(false);
  const launcher = useRef<HTMLButtonElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const wasOpen = useRef(isOpen);

  const title = isShared ? texts.neutralTitle : options.title;
  const last = lastSequence(state.entries);
  const seen = Number(settings.get("seen")) || 0;
  const unread = isOpen ? 0 : unreadCount(state.entries, seen);
  const cover =
    isShared && !isRevealed
      ? { ...before, upTo: Math.max(state.loaded, before.upTo) }
      : NO_COVER;

  useEffect(() => {
    if (isOpen || client.isKnown) client.connect();
  }, [isOpen]);
  useEffect(() => {
    if (isOpen && last > 0 && last !== seen) settings.set("seen", String(last));
  }, [isOpen, last]);
  useEffect(() => {
    if (options.full) document.title = title;
  }, [title]);
  useLayoutEffect(() => {
    if (isOpen && (!wasOpen.current || options.full) && !isTouch()) input.current?.focus();
    if (!isOpen && wasOpen.current) launcher.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);

  const open = (): void => {
    setOpen(true);
    tab.set("open", "1");
  };
  const coverAll = (): void => {
    setBefore({ upTo: last, ids: idsOf(state.pending) });
    setRevealed(false);
  };
  const close = (): void => {
    setOpen(false);
    coverAll();
    tab.set("open", null);
  };
  // What was pressed may be gone then: the focus is not lost with it.
  const focusInput = (): void => {
    if (input.current) focusQuietly(input.current);
  };
  const say = (text: string, event?: SentEvent): void => {
    client.send(text, event);
    focusInput();
  };
  const items: MenuItem[] = [
    { title: texts.restart, onSelect: () => say(texts.restart, "reset") },
    {
      title: texts.largeText,
      isOn: isLarge,
      onSelect: () => {
        settings.set("large", isLarge ? "0" : "1");
        setLarge(!isLarge);
      },
    },
    {
      title: texts.shared,
      isOn: isShared,
      onSelect: () => {
        settings.set("shared", isShared ? "0" : "1");
        setShared(!isShared);
        coverAll();
        tab.set("draft", null);
      },
    },
    ...(options.privacy ? [{ title: texts.privacy, href: options.privacy }] : []),
    { title: texts.erase, isDangerous: true, onSelect: () => say(texts.eraseCommand, "erase") },
  ];
  const names = ["widget", options.position, isLarge && "large", options.full && "full"];

  // At /chat the panel is the page's main part, which stands in no other.
  const Box = options.full ? "div" : "section";
  return (
    <Box
      class={names.filter(Boolean).join(" ")}
      style={palette(options.color)}
      lang="zh-CN"
      aria-label={options.full ? undefined : title}
    >
      {!isOpen && (
        <button
          ref={launcher}
          type="button"
          class="launcher"
          aria-label={unread ? fill(texts.openUnread, { count: unread }) : texts.open}
          aria-expanded={false}
          onClick={open}
        >
          {chatIcon}
          {unread > 0 && <span class="badge">{unread > 99 ? "99+" : unread}</span>}
        </button>
      )}
      {isOpen && (
        <Panel isFull={options.full} onEscape={close}>
          <Header
            title={title}
            subtitle={isShared ? texts.neutralSubtitle : texts.subtitle}
            items={items}
            progress={progressOf(state.entries.filter((one) => !isCovered(cover, one)))}
            isFull={options.full}
            onClose={close}
          />
          <Log
            state={state}
            server={options.server}
            cover={cover}
            onReveal={() => {
              setRevealed(true);
              focusInput();
            }}
            onChoose={(entry, index) => {
              client.choose(entry, index);
              focusInput();
            }}
            onRetry={(id) => {
              client.retry(id);
              focusInput();
            }}
            onDiscard={(id) => {
              client.discard(id);
              focusInput();
            }}
            onReadToEnd={focusInput}
          >
            <Welcome
              options={options}
              isShared={isShared}
              isNew={state.ready && !state.entries.length && !state.pending.length}
              onSay={(text) => say(text)}
            />
          </Log>
          <LinkState link={state.link} />
          <Composer
            input={input}
            draft={tab.get("draft") ?? ""}
            onDraft={(text) => tab.set("draft", isShared || !text ? null : text)}
            onSend={(text) => client.send(text)}
          />
        </Panel>
      )}
    </Box>
  );
}

function Panel({
  isFull,
  onEscape,
  children,
}: {
  isFull: boolean;
  onEscape: () => void;
  children: JSX.Element[];
}): JSX.Element {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The soft keyboard covers what is fixed to the page: keep to what can be seen. Who
    // enlarges the page with two fingers sees less of it too, but wants it as it is.
    const view = window.visualViewport;
    if (!view) return undefined;
    const fit = (): void => {
      const enlarged = Math.max(1, document.documentElement.clientWidth / view.width);
      const top = enlarged > 1 ? 0 : view.offsetTop;
      panel.current?.style.setProperty("--height", `${view.height * enlarged}px`);
      panel.current?.style.setProperty("--top", `${top}px`);
    };
    fit();
    view.addEventListener("resize", fit);
    view.addEventListener("scroll", fit);
    return () => {
      view.removeEventListener("resize", fit);
      view.removeEventListener("scroll", fit);
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    // The host page's shortcuts are not meant while somebody types here.
    event.stopPropagation();
    if (event.key === "Escape" && !event.isComposing && !isFull) onEscape();
  };
  return (
    <div
      ref={panel}
      class="panel"
      role={isFull ? "main" : "dialog"}
      aria-labelledby="title"
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}

function Welcome({
  options,
  isShared,
  isNew,
  onSay,
}: {
  options: Options;
  isShared: boolean;
  isNew: boolean;
  onSay: (text: string) => void;
}): JSX.Element {
  return (
    <>
      <p class="notice">
        {isShared ? texts.neutralNotice : texts.notice}
        {options.privacy && (
          <a href={options.privacy} target="_blank" rel="noopener noreferrer">
            {texts.privacy}
            <span class="hidden">（{texts.opensNewTab}）</span>
          </a>
        )}
      </p>
      <Bubble from="bot">{isShared ? texts.neutralGreeting : options.greeting}</Bubble>
      {isNew && !isShared && !options.initial && (
        <div class="choices" role="group" aria-label={texts.choices}>
          {texts.starters.map((title) => (
            <button key={title} type="button" class="chip" onClick={() => onSay(title)}>
              {title}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

function LinkState({ link }: { link: Client["state"]["link"] }): JSX.Element {
  const [told, setTold] = useState("");
  useEffect(() => {
    const text = { connecting: texts.connecting, offline: texts.offline, refused: texts.refused };
    const next = text[link as keyof typeof text] ?? "";
    if (!next || link === "refused" || !navigator.onLine) {
      setTold(next);
      return undefined;
    }
    const timer = setTimeout(() => setTold(next), TOLD_AFTER_MS);
    return () => clearTimeout(timer);
  }, [link]);
  return (
    <p class={told ? "link told" : "link"} role="status">
      {told}
    </p>
  );
}
