import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { type Pending, chosenTitle, stepTold } from "../conversation";
import { safeUrl } from "../links";
import { rendered } from "../markdown";
import type { Entry } from "../protocol";
import { texts } from "../texts";
import { checkIcon, fileIcon } from "./icons";

/** Light Markdown of the bot. */
export function Markdown({ text, server }: { text: string; server: string }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.replaceChildren(rendered(text, server));
  }, [text, server]);
  return <div class="markdown" ref={box} />;
}

/** A message with who says it, for those who cannot see its side. */
export function Bubble({
  from,
  children,
}: {
  from: "user" | "bot";
  children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={`bubble ${from}`}>
      <span class="hidden">{from === "user" ? texts.me : texts.bot}</span>
      {children}
    </div>
  );
}

function Picture({ url, text }: { url: string; text: string }): JSX.Element {
  const [tries, setTries] = useState(0);
  const [hasFailed, setFailed] = useState(false);
  if (hasFailed) {
    const again = (): void => {
      setFailed(false);
      setTries(tries + 1);
    };
    return (
      <button type="button" class="picture failed" onClick={again}>
        {texts.pictureFailed}
      </button>
    );
  }
  return (
    <a class="picture" href={url} target="_blank" rel="noopener noreferrer">
      <img key={tries} src={url} alt={text || texts.picture} onError={() => setFailed(true)} />
      <span class="enlarge">
        {texts.enlarge}
        <span class="hidden">（{texts.opensNewTab}）</span>
      </span>
    </a>
  );
}

function Documents({ entry, server }: { entry: Entry; server: string }): JSX.Element {
  const items = entry.items
    .map((item) => ({ ...item, url: safeUrl(item.url, server) }))
    .filter((item) => item.url);
  return (
    <ul class="documents">
      {items.map((item) => (
        <li key={item.url}>
          <a href={item.url} target="_blank" rel="noopener noreferrer">
            {fileIcon}
            {item.title || item.name}
            <span class="hidden">（{texts.opensNewTab}）</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

interface EntryProps {
  entry: Entry;
  entries: readonly Entry[];
  pending: readonly Pending[];
  server: string;
  onChoose: (entry: Entry, index: number) => void;
}

function QuickReplies({ entry, entries, pending, onChoose }: EntryProps): JSX.Element {
  const chosen = chosenTitle(entry, entries, pending);
  const isUsed = entry.used || Boolean(chosen);
  return (
    <div class="choices" role="group" aria-label={texts.choices}>
      {entry.buttons.map((button, index) => {
        const isChosen = isUsed && button.title === chosen;
        return (
          <button
            key={index}
            type="button"
            class={isChosen ? "chip chosen" : "chip"}
            disabled={isUsed}
            onClick={() => onChoose(entry, index)}
          >
            {isChosen && checkIcon}
            {isChosen && <span class="hidden">{texts.chosen}</span>}
            {button.title}
          </button>
        );
      })}
    </div>
  );
}

/** One entry of the conversation. */
export function Message(props: EntryProps): JSX.Element {
  const { entry, server } = props;
  if (entry.from === "user") return <Bubble from="user">{entry.text}</Bubble>;
  const image = entry.image && safeUrl(entry.image, server);
  const step = stepTold(entry, props.entries);
  const isCard = Boolean(image || entry.items.length);
  return (
    <>
      {isCard ? (
        <div class="bubble bot card">
          <span class="hidden">{texts.bot}</span>
          {entry.items.length > 0 && <p class="card-title">{texts.documents}</p>}
          {entry.text && <Markdown text={entry.text} server={server} />}
          {image && <Picture url={image} text={texts.picture} />}
          {entry.items.length > 0 && <Documents entry={entry} server={server} />}
        </div>
      ) : (
        entry.text && (
          <Bubble from="bot">
            {step && <span class="hidden">{step}</span>}
            <Markdown text={entry.text.slice(step.length).trim()} server={server} />
          </Bubble>
        )
      )}
      {entry.buttons.length > 0 && <QuickReplies {...props} />}
    </>
  );
}

/** A message that the server has not confirmed. */
export function PendingMessage({
  pending,
  onRetry,
  onDiscard,
}: {
  pending: Pending;
  onRetry: (id: string) => void;
  onDiscard: (id: string) => void;
}): JSX.Element {
  const { id, state, reason, text } = pending;
  const hasFailed = state === "failed" || state === "refused";
  const told = { waiting: texts.waiting, sending: texts.sending }[state as string] ?? "";
  return (
    <div class="pending">
      <Bubble from="user">{text}</Bubble>
      <div class={hasFailed ? "delivery failed" : "delivery"}>
        {hasFailed ? reason || texts.failed : reason || told}
        {state === "failed" && (
          <button type="button" onClick={() => onRetry(id)}>
            {texts.retry}
          </button>
        )}
        {hasFailed && (
          <button type="button" onClick={() => onDiscard(id)}>
            {texts.discard}
          </button>
        )}
      </div>
    </div>
  );
}
