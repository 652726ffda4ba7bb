/** The connection: keeps the state of the conversation and delivers what is written. */

import {
  type Pending,
  type SentEvent,
  completeUpTo,
  lastSequence,
  withEntry,
  withUsed,
} from "./conversation";
import { Outbox, newId } from "./outbox";
import {
  type Acknowledgement,
  type Entry,
  readAcknowledgement,
  readEntry,
  readSequence,
  readSession,
} from "./protocol";
import type { Connector, Socket } from "./socket";
import type { Keeper } from "./storage";

const ACK_MS = 8000;
const TYPING_MS = 30_000;
const PAUSE_MS = 3000;
const MOST_TRIES = 5;
const RECONNECT_MS = 5000;
// The server takes the message later.
const PASSING: readonly string[] = ["rate", "busy"];
// What says nothing of the conversation stays when it is erased.
const SETTINGS: readonly string[] = ["large", "shared"];
const INITIAL_ID = "initial";

export type Link = "idle" | "connecting" | "online" | "offline" | "refused";

export interface State {
  link: Link;
  /** The history has arrived. */
  ready: boolean;
  entries: readonly Entry[];
  pending: readonly Pending[];
  typing: boolean;
  notice: "" | "erased" | "renewed";
  /** Entries up to this one were there when the page was loaded. */
  loaded: number;
}

export class Client {
  state: State;
  private readonly outbox: Outbox;
  private readonly socket: Socket;
  private readonly tries = new Map<string, number>();
  private isDelivering = false;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param connector makes the socket.
   * @param keeper what survives a reload: the session and what is not sent.
   * @param initial text sent when the conversation is empty; empty: none.
   * @param onChange called after each change of the state.
   */
  constructor(
    connector: Connector,
    private readonly keeper: Keeper,
    private readonly initial: string,
    private readonly onChange: (state: State) => void,
  ) {
    this.outbox = new Outbox(keeper);
    this.state = {
      link: "idle",
      ready: false,
      entries: [],
      pending: this.outbox.load(),
      typing: false,
      notice: "",
      loaded: 0,
    };
    this.socket = connector(() => ({
      session: keeper.get("token"),
      last: completeUpTo(this.state.entries),
    }));
    this.listen();
  }

  /** Whether somebody has written here before, so that an answer may be waiting. */
  get isKnown(): boolean {
    return this.keeper.get("token") !== null;
  }

  connect(): void {
    if (this.socket.active) return;
    this.change({ link: "connecting" });
    this.socket.connect();
  }

  /** The network went away or came back: find out now, not at the next heartbeat. */
  checkLink(): void {
    if (this.state.link === "online") this.socket.interrupt();
    else if (this.state.link === "offline") this.reconnect();
  }

  /**
   * Say something.
   *
   * @param text what is shown; for `reset` and `erase` the server has the words.
   */
  send(text: string, event: SentEvent = "message"): void {
    this.put(newId(), event, text);
  }

  choose(entry: Entry, index: number): void {
    const isPressed = this.state.pending.some((one) => one.choice?.sequence === entry.sequence);
    if (entry.used || isPressed) return;
    const text = entry.buttons[index]?.title ?? "";
    this.put(newId(), "choose", text, { sequence: entry.sequence, index });
  }

  retry(id: string): void {
    this.tries.delete(id);
    this.changePending(id, { state: "waiting", reason: "" });
    void this.deliver();
  }

  discard(id: string): void {
    this.outbox.remove(id);
    this.change({ pending: this.state.pending.filter((one) => one.id !== id) });
  }

  private put(
    id: string,
    event: SentEvent,
    text: string,
    choice: Pending["choice"] = null,
  ): void {
    const pending: Pending = { id, event, text, choice, state: "waiting", reason: "" };
    this.outbox.keep(pending);
    this.change({ pending: [...this.state.pending, pending], notice: "" });
    void this.deliver();
  }

  private change(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
    this.onChange(this.state);
  }

  private changePending(id: string, part: Partial<Pending>): void {
    this.change({
      pending: this.state.pending.map((one) => (one.id === id ? { ...one, ...part } : one)),
    });
  }

  private listen(): void {
    const { socket } = this;
    socket.on("session", (data) => this.begin(data));
    socket.on("entry", (data) => this.take(data));
    socket.on("used", (data) =>
      this.change({ entries: withUsed(this.state.entries, readSequence(data)) }),
    );
    socket.on("typing", (data) => this.setTyping((data as { on?: unknown } | null)?.on === true));
    socket.on("erased", () => this.forget());
    socket.on("disconnect", (reason) => {
      this.setTyping(false);
      this.change({ link: "offline" });
      if (reason === "io server disconnect") setTimeout(() => this.reconnect(), RECONNECT_MS);
    });
    socket.on("connect_error", (error) => {
      const isRefused = (error as Error | null)?.message === "origin";
      this.change({ link: isRefused ? "refused" : "offline" });
      if (!isRefused && !socket.active) setTimeout(() => this.reconnect(), RECONNECT_MS);
    });
  }

  private reconnect(): void {
    this.socket.disconnect();
    this.socket.connect();
  }

  private begin(data: unknown): void {
    const session = readSession(data);
    if (!session) return;
    this.keeper.set("token", session.token);
    const { ready, notice } = this.state;
    if (session.renewed) this.startAnew(ready && this.state.entries.length > 0);
    const entries = session.history.reduce(withEntry, [...this.state.entries]);
    this.change({
      entries,
      pending: this.state.pending.filter((one) => !isConfirmed(one, entries)),
      link: "online",
      ready: true,
      loaded: ready ? this.state.loaded : lastSequence(entries),
    });
    for (const entry of session.history) if (entry.from === "user") this.outbox.remove(entry.id);
    const isFirst = !ready && !entries.length && !this.state.pending.length && !notice;
    // The same id in each tab: the server takes it once.
    if (this.initial && isFirst) this.put(INITIAL_ID, "message", this.initial);
    void this.deliver();
  }

  /** The server has begun a new conversation: buttons of the old one are gone. */
  private startAnew(isTold: boolean): void {
    const [kept, gone] = [[] as Pending[], [] as Pending[]];
    for (const one of this.state.pending) (one.choice ? gone : kept).push(one);
    gone.forEach((one) => this.outbox.remove(one.id));
    this.change({
      entries: [],
      pending: kept,
      loaded: 0,
      notice: isTold ? "renewed" : this.state.notice,
    });
  }

  private take(data: unknown): void {
    const entry = readEntry(data);
    if (!entry) return;
    const before = this.state.entries;
    const isGap = before.length > 0 && entry.sequence > lastSequence(before) + 1;
    const choice = this.state.pending.find((one) => isConfirmed(one, [entry]))?.choice;
    const entries = withUsed(withEntry(before, entry), choice?.sequence ?? 0);
    this.change({
      entries,
      pending: this.state.pending.filter((one) => !isConfirmed(one, [entry])),
    });
    if (entry.from === "user") this.outbox.remove(entry.id);
    // Something was missed: reconnecting replays it.
    if (isGap && this.state.link === "online") this.reconnect();
  }

  private setTyping(isOn: boolean): void {
    clearTimeout(this.typingTimer);
    if (isOn) this.typingTimer = setTimeout(() => this.setTyping(false), TYPING_MS);
    if (this.state.typing !== isOn) this.change({ typing: isOn });
  }

  private forget(): void {
    for (const name of this.keeper.names()) {
      if (!SETTINGS.includes(name)) this.keeper.set(name, null);
    }
    this.setTyping(false);
    this.change({ entries: [], pending: [], loaded: 0, notice: "erased" });
  }

  /** Deliver what waits, one after the other, in order. */
  private async deliver(): Promise<void> {
    if (this.isDelivering) return;
    this.isDelivering = true;
    try {
      for (let next = this.next(); next; next = this.next()) await this.deliverOne(next);
    } finally {
      this.isDelivering = false;
    }
  }

  private next(): Pending | undefined {
    if (this.state.link !== "online" || !this.socket.connected) return undefined;
    return this.state.pending.find((one) => one.state === "waiting");
  }

  private async deliverOne({ id, event, text, choice }: Pending): Promise<void> {
    if (!this.outbox.has(id)) {
      this.discard(id);
      return;
    }
    this.changePending(id, { state: "sending" });
    const data = { id, ...(choice ?? { text }) };
    let answer: Acknowledgement;
    try {
      answer = readAcknowledgement(await this.socket.emitWithAck(ACK_MS, event, data));
    } catch {
      // Not told whether it arrived: the same id again is taken once. A line on which
      // nothing comes may be dead although nobody has said so.
      this.again(id, "");
      if (this.state.link === "online") this.socket.interrupt();
      return;
    }
    if (answer.ok) {
      this.outbox.remove(id);
      this.changePending(id, { state: "sent" });
    } else if (PASSING.includes(answer.reason)) {
      this.again(id, answer.text);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    } else {
      if (choice) this.change({ entries: withUsed(this.state.entries, choice.sequence) });
      this.outbox.remove(id);
      this.changePending(id, { state: "refused", reason: answer.text });
    }
  }

  private again(id: string, reason: string): void {
    const isOnline = this.state.link === "online";
    const tries = (this.tries.get(id) ?? 0) + (isOnline ? 1 : 0);
    this.tries.set(id, tries);
    this.changePending(id, { state: tries < MOST_TRIES ? "waiting" : "failed", reason });
  }
}

function isConfirmed(pending: Pending, entries: readonly Entry[]): boolean {
  return entries.some((entry) => entry.from === "user" && entry.id === pending.id);
}
