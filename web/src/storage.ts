/** What the browser keeps; when it keeps nothing, memory does until the page ends. */

export interface Keeper {
  get(name: string): string | null;
  /** Keep a value; null removes it. */
  set(name: string, value: string | null): void;
  names(): string[];
}

/** Keeper in memory. */
export function memoryKeeper(): Keeper {
  const kept = new Map<string, string>();
  return {
    get: (name) => kept.get(name) ?? null,
    set: (name, value) => void (value === null ? kept.delete(name) : kept.set(name, value)),
    names: () => [...kept.keys()],
  };
}

/**
 * Keeper in the browser's storage.
 *
 * @param storage gives the storage; throws where the browser forbids it.
 * @param prefix stands before each name, so that two assistants do not meet.
 */
export function browserKeeper(storage: () => Storage, prefix: string): Keeper {
  let kept: Storage;
  try {
    kept = storage();
    kept.setItem(`${prefix}probe`, "1");
    kept.removeItem(`${prefix}probe`);
  } catch {
    return memoryKeeper();
  }
  return {
    get: (name) => kept.getItem(prefix + name),
    set: (name, value) => {
      try {
        if (value === null) kept.removeItem(prefix + name);
        else kept.setItem(prefix + name, value);
      } catch {
        // The storage is full: the value is lost at the next reload, nothing else.
      }
    },
    names: () =>
      Object.keys(kept)
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length)),
  };
}
