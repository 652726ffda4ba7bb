import { describe, expect, it } from "vitest";

import {
  chosenTitle,
  completeUpTo,
  progressOf,
  stepTold,
  unreadCount,
  withEntry,
} from "../src/conversation";
import { type Entry, readEntry, readSession } from "../src/protocol";
import { timeTold } from "../src/ui/time";

function entry(sequence: number, fields: object = {}): Entry {
  return readEntry({ sequence, from: "bot", kind: "text", text: "答", ...fields }) as Entry;
}

const user = { from: "user", text: "问" };

describe("entries", () => {
  it("are ordered and never doubled", () => {
    const entries = [3, 1, 2, 3, 2].map((n) => entry(n)).reduce(withEntry, [] as Entry[]);
    expect(entries.map((one) => one.sequence)).toEqual([1, 2, 3]);
  });

  it("are complete up to the first gap", () => {
    expect(completeUpTo([])).toBe(0);
    expect(completeUpTo([7, 8, 10].map((n) => entry(n)))).toBe(8);
  });

  it("are read defensively", () => {
    for (const value of [null, 1, "x", [], {}, { sequence: 0, from: "bot" }, { sequence: 1 }]) {
      expect(readEntry(value)).toBeNull();
    }
    const odd = readEntry({
      sequence: 1,
      from: "bot",
      kind: "video",
      text: { a: 1 },
      buttons: [null, { title: 3 }],
      items: "x",
      used: "yes",
      count: -1,
    });
    expect(odd).toMatchObject({ kind: "text", text: "", used: false, items: [], count: 0 });
    expect(readSession({ token: 3 })).toBeNull();
    expect(readSession({ token: "t", history: [{}, { sequence: 1, from: "bot" }] })?.history)
      .toHaveLength(1);
  });
});

describe("progress", () => {
  const step = { kind: "progress", rank: 3, count: 8, text: "" };

  it("is that of the bot's last turn", () => {
    expect(progressOf([entry(1, user), entry(2, step), entry(3)])).toEqual({ rank: 3, count: 8 });
    expect(progressOf([entry(1, step), entry(2), entry(3, user)])).toEqual({ rank: 3, count: 8 });
  });

  it("ends when a turn asks for no step", () => {
    expect(progressOf([entry(1, step), entry(2, user), entry(3)])).toBeNull();
    expect(progressOf([])).toBeNull();
  });

  it("is no unread message", () => {
    expect(unreadCount([entry(1), entry(2, step), entry(3), entry(4, user)], 1)).toBe(1);
  });
});

describe("the step in a question", () => {
  const step = entry(1, { kind: "progress", rank: 3, count: 8, text: "" });
  const told = "第3步/共8步";

  it("is found beside the bar that tells it", () => {
    const asked = entry(2, { text: `${told}　逾期几天了？` });
    expect(stepTold(asked, [step, asked])).toBe(told);
    expect(stepTold(asked, [asked])).toBe("");
    const other = entry(2, { text: "第4步/共8步　逾期几天了？" });
    expect(stepTold(other, [step, other])).toBe("");
  });
});

describe("pressed buttons", () => {
  const asked = entry(1, { buttons: [{ title: "花呗" }, { title: "借呗" }], used: true });

  it("show which one it was", () => {
    const answer = entry(2, { from: "user", text: "借呗" });
    expect(chosenTitle(asked, [asked, answer], [])).toBe("借呗");
    expect(chosenTitle({ ...asked, used: false }, [asked, answer], [])).toBe("");
  });

  it("count as soon as they are pressed", () => {
    const pending = {
      id: "a",
      text: "花呗",
      event: "choose" as const,
      choice: { sequence: 1, index: 0 },
      state: "waiting" as const,
      reason: "",
    };
    expect(chosenTitle({ ...asked, used: false }, [asked], [pending])).toBe("花呗");
  });
});

describe("time", () => {
  it("is told by day", () => {
    const now = new Date(2026, 10, 23, 9, 0);
    const told = (...at: [number, number, number, number, number]): string =>
      timeTold(new Date(...at).getTime(), now);
    expect(told(2026, 10, 23, 8, 5)).toBe("今天 8:05");
    expect(told(2026, 10, 22, 23, 59)).toBe("昨天 23:59");
    expect(told(2026, 10, 2, 18, 0)).toBe("11-02 18:00");
    expect(told(2025, 11, 31, 18, 0)).toBe("2025-12-31 18:00");
  });
});
