import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { State } from "../client";
import { type Cover, isCovered, isVisible, lastSequence } from "../conversation";
import type { Entry } from "../protocol";
import { texts } from "../texts";
import { downIcon } from "./icons";
import { Message, PendingMessage } from "./Message";
import { timeTold } from "./time";

const NEAR_END = 60;
const MARGIN = 12;
// What stays in sight when the next part is shown.
const OVERLAP = 90;
const PAUSE_MS = 10 * 60 * 1000;

interface LogProps {
  state: State;
  server: string;
  /** What is hidden until it is asked for. */
  cover: Cover;
  /** Said before the conversation. */
  children: ComponentChildren;
  onReveal: () => void;
  onChoose: (entry: Entry, index: number) => void;
  onRetry: (id: string) => void;
  onDiscard: (id: string) => void;
  /** The end was come to by the button, which is gone there. */
  onReadToEnd: () => void;
}

function toEnd(log: HTMLElement): number {
  return log.scrollHeight - log.clientHeight;
}

/** The messages; keeps to the end unless somebody reads further up. */
export function Log(props: LogProps): JSX.Element {
  const { state, cover, children, onReveal, onReadToEnd } = props;
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const lastTop = useRef(0);
  const [isMore, setMore] = useState(false);

  const onScroll = (): void => {
    const log = box.current;
    if (!log) return;
    const isAtEnd = toEnd(log) - log.scrollTop < NEAR_END;
    if (isAtEnd) isFollowing.current = true;
    else if (log.scrollTop < lastTop.current - 1) isFollowing.current = false;
    lastTop.current = log.scrollTop;
    setMore(!isAtEnd && (isMore || isFollowing.current));
  };
  const follow = (): void => {
    const log = box.current;
    if (!log) return;
    const end = toEnd(log);
    if (isFollowing.current) {
      const asked = [...log.querySelectorAll<HTMLElement>(".entry.user, .pending")].pop();
      // A long answer is read from its beginning.
      const top = Math.min(end, asked ? asked.offsetTop - MARGIN : end);
      if (top > log.scrollTop) log.scrollTop = top;
    }
    lastTop.current = log.scrollTop;
    setMore(end - log.scrollTop >= NEAR_END);
  };
  const goToEnd = (): void => {
    isFollowing.current = true;
    if (box.current) box.current.scrollTop = toEnd(box.current);
  };
  const goOn = (): void => {
    const log = box.current;
    if (!log) return;
    log.scrollTop += log.clientHeight - OVERLAP;
    if (toEnd(log) - log.scrollTop < NEAR_END) onReadToEnd();
  };
  const hidden = [...state.entries, ...state.pending].filter((one) =>
    isCovered(cover, one),
  ).length;
  const written = state.pending.length;
  useLayoutEffect(() => {
    if (written) goToEnd();
  }, [written]);
  useLayoutEffect(follow, [lastSequence(state.entries), state.typing, hidden, state.notice]);
  useEffect(() => {
    // Pictures arrive later, and the soft keyboard changes the height.
    if (typeof ResizeObserver !== "function") return undefined;
    const observer = new ResizeObserver(() => follow());
    if (content.current) observer.observe(content.current);
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  return (
    <div class="log-box">
      <div
        ref={box}
        class="log"
        role="log"
        aria-live="polite"
        aria-busy={!state.ready}
        aria-label={texts.log}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div ref={content} class="messages">
          {children}
          {hidden > 0 && (
            <button type="button" class="reveal" onClick={onReveal}>
              {texts.showHistory}
            </button>
          )}
          <Entries {...props} />
          {state.pending
            .filter((pending) => !isCovered(cover, pending))
            .map((pending) => (
              <PendingMessage key={pending.id} pending={pending} {...props} />
            ))}
          {state.notice && <p class="told">{texts[state.notice]}</p>}
          {state.typing && (
            <div class="bubble bot typing">
              <span class="hidden">{texts.typing}</span>
              <i /> <i /> <i />
            </div>
          )}
        </div>
      </div>
      {isMore && (
        <button type="button" class="behind" aria-label={texts.more} onClick={goOn}>
          {downIcon}
        </button>
      )}
    </div>
  );
}

function Entries({ state, server, cover, onChoose }: LogProps): JSX.Element {
  let before = 0;
  return (
    <>
      {state.entries
        .filter((entry) => !isCovered(cover, entry) && isVisible(entry))
        .map((entry) => {
          const time = entry.at - before > PAUSE_MS ? timeTold(entry.at, new Date()) : "";
          before = entry.at || before;
          return (
            <div class={`entry ${entry.from}`} key={entry.sequence}>
              {time && <time>{time}</time>}
              <Message
                entry={entry}
                entries={state.entries}
                pending={state.pending}
                server={server}
                onChoose={onChoose}
              />
            </div>
          );
        })}
    </>
  );
}
