import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Client, type State } from "../src/client";
import type { Socket } from "../src/socket";
import { type Keeper, browserKeeper, memoryKeeper } from "../src/storage";

type Data = Record<string, unknown>;

/** A line to a server that keeps a conversation; it can be cut at any moment. */
class Line implements Socket {
  active = false;
  connected = false;
  /** What the server keeps. */
  readonly entries: Data[] = [];
  readonly handled: string[] = [];
  token = "t1";
  renewed = false;
  refusal: Data | null = null;
  /** The acknowledgement, or the message itself, is lost. */
  losesNext: "" | "answer" | "message" = "";
  private readonly listeners = new Map<string, (data: unknown) => void>();
  private waiting: ((error: Error) => void)[] = [];

  constructor(readonly auth: () => object) {}

  on(event: string, listener: (data: unknown) => void): void {
    this.listeners.set(event, listener);
  }

  say(event: string, data: unknown): void {
    if (this.connected || event === "connect_error") this.listeners.get(event)?.(data);
  }

  connect(): void {
    this.active = this.connected = true;
    const { last } = this.auth() as { last: number };
    const history = this.entries.filter((entry) => (entry.sequence as number) > last);
    this.say("session", { token: this.token, conversation_renewed: this.renewed, history });
  }

  cut(reason = "transport close"): void {
    if (!this.connected) return;
    this.listeners.get("disconnect")?.(reason);
    this.connected = false;
    this.waiting.splice(0).forEach((fail) => fail(new Error("cut")));
  }

  disconnect(): void {
    this.cut("io client disconnect");
    this.active = false;
  }

  interrupt(): void {
    this.cut();
    setTimeout(() => this.connect(), 500);
  }

  add(entry: Data): Data {
    const added = { from: "bot", text: "", ...entry, sequence: this.entries.length + 1 };
    this.entries.push(added);
    this.say("entry", added);
    return added;
  }

  emitWithAck(timeout: number, event: string, data: Data): Promise<unknown> {
    const loss = this.losesNext;
    this.losesNext = "";
    if (loss !== "message") {
      if (this.refusal) return Promise.resolve(this.refusal);
      if (!this.handled.includes(data.id as string)) {
        this.handled.push(data.id as string);
        this.add({ from: "user", id: data.id, text: data.text ?? event });
        this.add({ text: "答" });
      }
    }
    if (!loss) return Promise.resolve({ ok: true, sequence: 1 });
    return new Promise((_, reject) => {
      this.waiting.push(reject);
      setTimeout(() => reject(new Error("timeout")), timeout);
    });
  }
}

let line: Line;
let state: State;

function client(keeper: Keeper = memoryKeeper(), initial = "", before?: Line): Client {
  const made = new Client(
    (auth) => {
      line = new Line(auth);
      if (before) line.entries.push(...before.entries);
      if (before) line.handled.push(...before.handled);
      return line;
    },
    keeper,
    initial,
    (next) => {
      state = next;
    },
  );
  state = made.state;
  return made;
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(60_000);
const said = (): string[] => line.entries.filter((one) => one.from === "user").map((one) => one.text as string);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("delivery", () => {
  it("keeps what is written offline and sends it in order", async () => {
    const chat = client();
    chat.send("一");
    chat.send("二");
    expect(state.pending.map((one) => one.state)).toEqual(["waiting", "waiting"]);
    chat.connect();
    await settle();
    expect(said()).toEqual(["一", "二"]);
    expect(state.pending).toEqual([]);
    expect(state.entries.map((one) => one.sequence)).toEqual([1, 2, 3, 4]);
  });

  it("survives a reload", async () => {
    const keeper = memoryKeeper();
    client(keeper).send("一");
    client(keeper).connect();
    await settle();
    expect(said()).toEqual(["一"]);
    expect(keeper.names()).toEqual(["token"]);
  });

  it.each(["answer", "message"] as const)("delivers once when the %s is lost", async (loss) => {
    const chat = client();
    chat.connect();
    line.losesNext = loss;
    chat.send("一");
    await settle();
    expect(said()).toEqual(["一"]);
    expect(state.pending).toEqual([]);
  });

  it("drops a line on which nothing is acknowledged", async () => {
    const chat = client();
    chat.connect();
    line.losesNext = "message";
    chat.send("一");
    await vi.advanceTimersByTimeAsync(8100);
    expect(state.link).toBe("offline");
    await vi.advanceTimersByTimeAsync(500);
    expect(said()).toEqual(["一"]);
  });

  it("loses and doubles nothing in 500 disconnections", async () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const chat = client();
    chat.connect();
    const written: string[] = [];
    for (let round = 0; round < 500; round += 1) {
      written.push(`第${round}条`);
      const place = random();
      if (place < 0.3) line.losesNext = place < 0.15 ? "answer" : "message";
      if (place > 0.8) line.cut();
      chat.send(`第${round}条`);
      await vi.advanceTimersByTimeAsync(random() * 20);
      line.cut();
      if (place > 0.5) line.add({ text: "提醒" });
      await vi.advanceTimersByTimeAsync(random() * 20);
      line.connect();
      await vi.advanceTimersByTimeAsync(random() * 20);
    }
    await settle();
    expect(said()).toEqual(written);
    expect(state.pending).toEqual([]);
    expect(state.entries.map((one) => one.sequence)).toEqual(
      line.entries.map((one) => one.sequence),
    );
  });

  it("waits when it was too fast, then sends by itself", async () => {
    const chat = client();
    chat.connect();
    line.refusal = { ok: false, reason: "rate", text: "太快了" };
    chat.send("一");
    await vi.advanceTimersByTimeAsync(10);
    expect(state.pending[0]).toMatchObject({ state: "waiting", reason: "太快了" });
    line.refusal = null;
    await settle();
    expect(said()).toEqual(["一"]);
  });

  it("gives up after a while and sends again when asked", async () => {
    const chat = client();
    chat.connect();
    line.refusal = { ok: false, reason: "busy", text: "系统忙" };
    chat.send("一");
    await settle();
    expect(state.pending[0]).toMatchObject({ state: "failed", reason: "系统忙" });
    line.refusal = null;
    chat.retry(state.pending[0]!.id);
    await settle();
    expect(said()).toEqual(["一"]);
    expect(state.pending).toEqual([]);
  });

  it("tells why a message is refused and goes on with the next", async () => {
    const keeper = memoryKeeper();
    const chat = client(keeper);
    chat.connect();
    line.refusal = { ok: false, reason: "bad", text: "不行" };
    chat.send("一");
    await settle();
    line.refusal = null;
    chat.send("二");
    await settle();
    expect(said()).toEqual(["二"]);
    expect(state.pending).toMatchObject([{ text: "一", state: "refused", reason: "不行" }]);
    chat.discard(state.pending[0]!.id);
    expect(state.pending).toEqual([]);
    expect(keeper.names()).toEqual(["token"]);
  });

  it("does not send what another tab has delivered or deleted", async () => {
    const keeper = memoryKeeper();
    client(keeper).send("一");
    const chat = client(keeper);
    keeper.names().forEach((name) => keeper.set(name, null));
    chat.connect();
    await settle();
    expect(said()).toEqual([]);
    expect(state.pending).toEqual([]);
  });

  it("presses a button once", async () => {
    const chat = client();
    chat.connect();
    line.add({ buttons: [{ title: "花呗" }] });
    chat.choose(state.entries[0]!, 0);
    chat.choose(state.entries[0]!, 0);
    await settle();
    expect(said()).toEqual(["choose"]);
    line.say("used", { sequence: 1 });
    chat.choose(state.entries[0]!, 0);
    await settle();
    expect(said()).toEqual(["choose"]);
  });
});

describe("connection", () => {
  it("repairs a gap", async () => {
    const chat = client();
    chat.connect();
    line.add({ text: "一" });
    line.entries.push({ sequence: 2, from: "bot", text: "二" });
    line.add({ text: "三" });
    await settle();
    expect(state.entries.map((one) => one.text)).toEqual(["一", "二", "三"]);
    expect(state.link).toBe("online");
  });

  it("says the initial text once per conversation", async () => {
    const keeper = memoryKeeper();
    client(keeper, "你好").connect();
    await settle();
    expect(said()).toEqual(["你好"]);
    client(keeper, "你好", line).connect();
    await settle();
    expect(said()).toEqual(["你好"]);
  });

  it("forgets everything but the settings when the data is erased", async () => {
    const keeper = memoryKeeper();
    keeper.set("large", "1");
    const chat = client(keeper, "你好");
    chat.connect();
    await settle();
    line.say("erased", {});
    expect(state).toMatchObject({ entries: [], pending: [], notice: "erased" });
    expect(keeper.names()).toEqual(["large"]);
    line.entries.length = 0;
    line.token = "t2";
    line.say("session", { token: "t2", conversation_renewed: true, history: [] });
    await settle();
    expect(keeper.get("token")).toBe("t2");
    expect(state).toMatchObject({ entries: [], notice: "erased" });
    expect(said()).toEqual([]);
  });

  it("drops the buttons of a conversation that is over, not the words", async () => {
    const chat = client();
    chat.connect();
    line.add({ buttons: [{ title: "花呗" }] });
    line.cut();
    chat.choose(state.entries[0]!, 0);
    chat.send("还不上");
    line.entries.length = 0;
    line.renewed = true;
    line.connect();
    line.renewed = false;
    await settle();
    expect(said()).toEqual(["还不上"]);
  });

  it("stays away when the site is refused, and comes back otherwise", async () => {
    const chat = client();
    chat.connect();
    line.cut();
    line.active = false;
    line.say("connect_error", new Error("origin"));
    await settle();
    expect(state.link).toBe("refused");
    expect(line.connected).toBe(false);
    line.say("connect_error", new Error("full"));
    expect(state.link).toBe("offline");
    await settle();
    expect(state.link).toBe("online");
  });

  it("stops typing when nothing comes", async () => {
    client().connect();
    line.say("typing", { on: true });
    expect(state.typing).toBe(true);
    await settle();
    expect(state.typing).toBe(false);
  });

  it("ignores what it cannot read", () => {
    client().connect();
    for (const event of ["session", "entry", "used", "typing"]) {
      for (const data of [null, undefined, 1, "x", [], {}]) line.say(event, data);
    }
    expect(state).toMatchObject({ link: "online", entries: [] });
  });
});

describe("storage", () => {
  it("falls back to memory where the browser forbids it", () => {
    const keeper = browserKeeper(() => {
      throw new Error("denied");
    }, "x:");
    keeper.set("a", "1");
    expect(keeper.get("a")).toBe("1");
  });

  it("keeps two assistants apart and survives rubbish", () => {
    localStorage.setItem("y:outbox:b", "{");
    localStorage.setItem("y:outbox:c", '{"id":3}');
    const keeper = browserKeeper(() => localStorage, "x:");
    keeper.set("token", "1");
    const other = browserKeeper(() => localStorage, "y:");
    expect(other.get("token")).toBeNull();
    expect(client(other).state.pending).toEqual([]);
  });
});
