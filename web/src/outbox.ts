/** Messages that the server has not confirmed; they survive a reload. */

import type { Pending, SentEvent } from "./conversation";
import type { Keeper } from "./storage";

const PREFIX = "outbox:";
const EVENTS: readonly unknown[] = ["message", "choose", "reset", "erase"];

interface Kept {
  id: string;
  event: SentEvent;
  text: string;
  choice: Pending["choice"];
  at: number;
}

/** A new message id that nobody can guess; works on plain http too. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function read(value: string | null): Kept | null {
  try {
    const kept = JSON.parse(value ?? "null") as Partial<Kept> | null;
    if (!kept || typeof kept.id !== "string" || typeof kept.text !== "string") return null;
    if (!EVENTS.includes(kept.event)) return null;
    const { sequence, index } = kept.choice ?? {};
    const isChoice = typeof sequence === "number" && typeof index === "number";
    return {
      id: kept.id,
      event: kept.event as SentEvent,
      text: kept.text,
      choice: isChoice ? { sequence, index } : null,
      at: Number(kept.at) || 0,
    };
  } catch {
    return null;
  }
}

/** Each message has a name of its own: two tabs do not overwrite each other's. */
export class Outbox {
  constructor(private readonly keeper: Keeper) {}

  /** The messages that wait, oldest first. */
  load(): Pending[] {
    return this.keeper
      .names()
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => read(this.keeper.get(name)))
      .filter((kept): kept is Kept => kept !== null)
      .sort((one, other) => one.at - other.at)
      .map(({ at: _, ...kept }) => ({ ...kept, state: "waiting", reason: "" }));
  }

  keep({ id, event, text, choice }: Pending): void {
    const kept: Kept = { id, event, text, choice, at: Date.now() };
    this.keeper.set(PREFIX + id, JSON.stringify(kept));
  }

  /** Whether it still waits: another tab may have had it confirmed or deleted. */
  has(id: string): boolean {
    return this.keeper.get(PREFIX + id) !== null;
  }

  remove(id: string): void {
    this.keeper.set(PREFIX + id, null);
  }
}
