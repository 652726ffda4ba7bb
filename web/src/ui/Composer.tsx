import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { fill, texts } from "../texts";
import { sendIcon } from "./icons";

export const MOST_CHARACTERS = 500;
const COUNTED_FROM = 400;
// Older browsers tell composition by this code only.
const COMPOSING_KEY = 229;

/** The input: Enter sends, Shift+Enter begins a line, an input method's Enter does neither. */
export function Composer({
  input,
  draft,
  onDraft,
  onSend,
}: {
  input: RefObject<HTMLTextAreaElement | null>;
  draft: string;
  onDraft: (text: string) => void;
  onSend: (text: string) => void;
}): JSX.Element {
  const [text, setText] = useState(draft);
  const isComposing = useRef(false);
  const count = Array.from(text).length;
  const isTooLong = count > MOST_CHARACTERS;

  useLayoutEffect(() => {
    const box = input.current;
    if (!box) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }, [text]);

  const write = (value: string): void => {
    setText(value);
    onDraft(value);
  };
  const send = (): void => {
    if (!text.trim() || isTooLong) return;
    onSend(text.trim());
    write("");
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isInputMethod =
      event.isComposing || isComposing.current || event.keyCode === COMPOSING_KEY;
    if (event.key !== "Enter" || event.shiftKey || isInputMethod) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class={isTooLong ? "field wrong" : "field"}>
        <textarea
          ref={input}
          rows={1}
          value={text}
          aria-label={texts.input}
          aria-invalid={isTooLong}
          aria-describedby="length"
          placeholder={texts.placeholder}
          enterkeyhint="send"
          autocomplete="off"
          onInput={(event) => write(event.currentTarget.value)}
          onCompositionStart={() => {
            isComposing.current = true;
          }}
          onCompositionEnd={() => {
            isComposing.current = false;
          }}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="send"
          aria-label={texts.send}
          disabled={!text.trim() || isTooLong}
        >
          {sendIcon}
        </button>
      </div>
      <p id="length" class="length" role="status">
        {isTooLong
          ? fill(texts.tooLong, { most: MOST_CHARACTERS, count })
          : count > COUNTED_FROM && `${count}/${MOST_CHARACTERS}`}
      </p>
    </form>
  );
}
