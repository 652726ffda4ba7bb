/** What follows from the entries of a conversation. */

import type { Entry } from "./protocol";
import { fill, texts } from "./texts";

export type SentEvent = "message" | "choose" | "reset" | "erase";

/** A message of the person that the server has not confirmed yet. */
export interface Pending {
  id: string;
  /** What is shown. */
  text: string;
  /** What the server is told. */
  event: SentEvent;
  /** The pressed button; null otherwise. */
  choice: { sequence: number; index: number } | null;
  /** failed: can be tried again; refused: cannot. */
  state: "waiting" | "sending" | "sent" | "failed" | "refused";
  /** Why it was not taken, in Chinese. */
  reason: string;
}

/** What the next person at a shared telephone does not see before a tap. */
export interface Cover {
  /** Entries up to this one. */
  upTo: number;
  /** Messages that waited to be sent, and what answers them. */
  ids: readonly string[];
}

export const NO_COVER: Cover = { upTo: 0, ids: [] };

/** Whether an entry, or a message that is not confirmed, is covered. */
export function isCovered(cover: Cover, one: { id: string; sequence?: number }): boolean {
  return cover.ids.includes(one.id) || (one.sequence ?? Infinity) <= cover.upTo;
}

/** Put an entry in its place; one that is there already is replaced. */
export function withEntry(entries: readonly Entry[], entry: Entry): Entry[] {
  const others = entries.filter((other) => other.sequence !== entry.sequence);
  const place = others.findIndex((other) => other.sequence > entry.sequence);
  if (place < 0) return [...others, entry];
  return [...others.slice(0, place), entry, ...others.slice(place)];
}

/** Mark an entry's buttons as used. */
export function withUsed(entries: readonly Entry[], sequence: number): Entry[] {
  return entries.map((entry) =>
    entry.sequence === sequence ? { ...entry, used: true } : entry,
  );
}

/** The highest sequence number up to which nothing is missing; 0 without entries. */
export function completeUpTo(entries: readonly Entry[]): number {
  let last = entries[0]?.sequence ?? 0;
  for (const entry of entries.slice(1)) {
    if (entry.sequence !== last + 1) break;
    last = entry.sequence;
  }
  return last;
}

/** The highest sequence number; 0 without entries. */
export function lastSequence(entries: readonly Entry[]): number {
  return entries[entries.length - 1]?.sequence ?? 0;
}

/** The step of the registration that the bot's last turn asks for; null outside of it. */
export function progressOf(
  entries: readonly Entry[],
): { rank: number; count: number } | null {
  let isInTurn = false;
  for (const entry of [...entries].reverse()) {
    if (entry.from === "user") {
      if (isInTurn) return null;
    } else {
      isInTurn = true;
      if (entry.count) return { rank: Math.min(entry.rank, entry.count), count: entry.count };
    }
  }
  return null;
}

/** The words with which a question tells its step beside the progress bar; else empty. */
export function stepTold(entry: Entry, entries: readonly Entry[]): string {
  const before = entries.find((other) => other.sequence === entry.sequence - 1);
  if (!before?.count || before.from === "user") return "";
  const told = fill(texts.progressPrefix, { rank: before.rank, count: before.count });
  return entry.text.startsWith(told) ? told : "";
}

/** How many of the bot's messages came after one was seen last. */
export function unreadCount(entries: readonly Entry[], seen: number): number {
  return entries.filter((entry) => entry.sequence > seen && isShown(entry)).length;
}

function isShown(entry: Entry): boolean {
  return entry.from === "bot" && isVisible(entry);
}

/** Whether an entry is a message, not only a step of the progress bar. */
export function isVisible(entry: Entry): boolean {
  return Boolean(entry.text || entry.buttons.length || entry.image || entry.items.length);
}

/** The title of the button that was pressed; empty when none was. */
export function chosenTitle(
  entry: Entry,
  entries: readonly Entry[],
  pending: readonly Pending[],
): string {
  const waiting = pending.find((one) => one.choice?.sequence === entry.sequence);
  if (waiting) return waiting.text;
  if (!entry.used) return "";
  const titles = entry.buttons.map((button) => button.title);
  const answer = entries.find(
    (other) =>
      other.from === "user" &&
      other.sequence > entry.sequence &&
      titles.includes(other.text),
  );
  return answer?.text ?? "";
}
