/** Focus and keys. */

const TOUCH = "(pointer: coarse)";

/** Whether the device is used with a finger: focus there opens the soft keyboard. */
export function isTouch(): boolean {
  return typeof matchMedia === "function" && matchMedia(TOUCH).matches;
}

/**
 * Focus the input without opening the soft keyboard over the quick replies.
 *
 * A tap on the input opens it as usual.
 */
export function focusQuietly(input: HTMLTextAreaElement): void {
  if (isTouch()) {
    input.inputMode = "none";
    const restore = (): void => {
      input.inputMode = "text";
    };
    input.addEventListener("pointerdown", restore, { once: true });
    input.addEventListener("blur", restore, { once: true });
  }
  input.focus({ preventScroll: true });
}

/**
 * Move the focus among the items of a menu.
 *
 * @param key the pressed key.
 * @param items the menu's items.
 * @param at place of the one with the focus.
 * @returns the item to focus; undefined for other keys.
 */
export function itemFor<Item>(key: string, items: Item[], at: number): Item | undefined {
  const last = items.length - 1;
  const places: Record<string, number> = {
    ArrowDown: at < last ? at + 1 : 0,
    ArrowUp: at > 0 ? at - 1 : last,
    Home: 0,
    End: last,
  };
  const place = places[key];
  return place === undefined ? undefined : items[place];
}
