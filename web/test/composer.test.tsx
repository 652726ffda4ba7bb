import { createRef, render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, expect, it, vi } from "vitest";

import { Composer } from "../src/ui/Composer";
import { itemFor } from "../src/ui/focus";

const onSend = vi.fn();
const onDraft = vi.fn();
let input: HTMLTextAreaElement;
let root: HTMLElement;

beforeEach(() => {
  vi.clearAllMocks();
  root = document.createElement("div");
  document.body.replaceChildren(root);
  act(() =>
    render(<Composer input={createRef()} draft="" onDraft={onDraft} onSend={onSend} />, root),
  );
  input = root.querySelector("textarea") as HTMLTextAreaElement;
});

function write(text: string): void {
  act(() => {
    input.value = text;
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
}

function press(fields: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", {
    key: "Enter",
    bubbles: true,
    cancelable: true,
    ...fields,
  });
  act(() => void input.dispatchEvent(event));
  return event;
}

it("sends with Enter and is empty then", () => {
  write("  花呗还不上 ");
  press();
  expect(onSend).toHaveBeenCalledExactlyOnceWith("花呗还不上");
  expect(input.value).toBe("");
  expect(onDraft).toHaveBeenLastCalledWith("");
});

it("begins a line with Shift+Enter", () => {
  write("一");
  expect(press({ shiftKey: true }).defaultPrevented).toBe(false);
  expect(onSend).not.toHaveBeenCalled();
});

it.each([{ isComposing: true }, { keyCode: 229 }])("leaves Enter to the input method: %o", (fields) => {
  write("huabei");
  press(fields);
  expect(onSend).not.toHaveBeenCalled();
});

it("leaves Enter to an input method that tells by its events only", () => {
  write("huabei");
  act(() => void input.dispatchEvent(new CompositionEvent("compositionstart")));
  press();
  expect(onSend).not.toHaveBeenCalled();
  act(() => void input.dispatchEvent(new CompositionEvent("compositionend")));
  press();
  expect(onSend).toHaveBeenCalledOnce();
});

it("does not send blanks or more than 500 characters", () => {
  write(" \n ");
  press();
  write("😀".repeat(501));
  press();
  expect(onSend).not.toHaveBeenCalled();
  expect(root.textContent).toContain("501");
  write("😀".repeat(500));
  press();
  expect(onSend).toHaveBeenCalledOnce();
});

it("goes round in a menu", () => {
  const items = ["a", "b", "c"];
  expect(itemFor("ArrowDown", items, 2)).toBe("a");
  expect(itemFor("ArrowUp", items, 0)).toBe("c");
  expect(itemFor("End", items, 0)).toBe("c");
  expect(itemFor("x", items, 0)).toBeUndefined();
});
