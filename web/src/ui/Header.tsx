import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { fill, texts } from "../texts";
import { itemFor } from "./focus";
import { chatIcon, checkIcon, closeIcon, menuIcon } from "./icons";

export interface MenuItem {
  title: string;
  /** Whether a setting is on; undefined for a command. */
  isOn?: boolean;
  href?: string;
  isDangerous?: boolean;
  onSelect?: () => void;
}

function Menu({ items, onClose }: { items: MenuItem[]; onClose: () => void }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const options = (): HTMLElement[] =>
    Array.from(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? []);
  useEffect(() => options()[0]?.focus(), []);
  const onKeyDown = (event: KeyboardEvent): void => {
    const all = options();
    const next = itemFor(event.key, all, all.indexOf(event.target as HTMLElement));
    if (event.key === "Tab") onClose();
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  const select = (item: MenuItem): void => {
    onClose();
    item.onSelect?.();
  };
  return (
    <div class="menu" role="menu" aria-label={texts.menu} ref={list} onKeyDown={onKeyDown}>
      {items.map((item) =>
        item.href ? (
          <a
            key={item.title}
            role="menuitem"
            tabIndex={-1}
            href={item.href}
            target="_blank"
            rel="noopener noreferrer"
            onClick={() => select(item)}
          >
            {item.title}
          </a>
        ) : (
          <button
            key={item.title}
            type="button"
            role={item.isOn === undefined ? "menuitem" : "menuitemcheckbox"}
            aria-checked={item.isOn}
            tabIndex={-1}
            class={item.isDangerous ? "dangerous" : ""}
            onClick={() => select(item)}
          >
            {item.title}
            {item.isOn && checkIcon}
          </button>
        ),
      )}
    </div>
  );
}

/** Title, menu, and the progress of a registration. */
export function Header({
  title,
  subtitle,
  items,
  progress,
  isFull,
  onClose,
}: {
  title: string;
  subtitle: string;
  items: MenuItem[];
  progress: { rank: number; count: number } | null;
  isFull: boolean;
  onClose: () => void;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const Heading = isFull ? "h1" : "h2";
  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    const root = opener.current?.getRootNode();
    const onPointer = (event: Event): void => {
      const isInside = (event.target as Element | null)?.closest(".menu-box");
      if (!isInside) setOpen(false);
    };
    root?.addEventListener("pointerdown", onPointer);
    return () => root?.removeEventListener("pointerdown", onPointer);
  }, [isOpen]);

  return (
    <div class="head">
      <div class="bar">
        <span class="logo">{chatIcon}</span>
        <div class="names">
          <Heading id="title">{title}</Heading>
          <p>{subtitle}</p>
        </div>
        <div
          class="menu-box"
          onKeyDown={(event) => {
            if (event.key !== "Escape" || !isOpen) return;
            event.stopPropagation();
            close();
          }}
        >
          <button
            ref={opener}
            type="button"
            class="plain"
            aria-label={texts.menu}
            aria-haspopup="menu"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {menuIcon}
          </button>
          {isOpen && <Menu items={items} onClose={close} />}
        </div>
        {!isFull && (
          <button type="button" class="plain" aria-label={texts.close} onClick={onClose}>
            {closeIcon}
          </button>
        )}
      </div>
      {progress && <Progress {...progress} />}
    </div>
  );
}

function Progress({ rank, count }: { rank: number; count: number }): JSX.Element {
  const told = fill(texts.progressStep, { rank, count });
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label={texts.progress}
      aria-valuemin={0}
      aria-valuemax={count}
      aria-valuenow={rank}
      aria-valuetext={told}
    >
      <span class="told">
        {texts.progress} <b>{told}</b>
      </span>
      <span class="track">
        <span style={{ width: `${(100 * rank) / count}%` }} />
      </span>
    </div>
  );
}
