/** Puts the widget on the page: one element with a shadow root of its own. */

import { render } from "preact";

import { Client } from "./client";
import { type Options, readOptions } from "./options";
import { socketTo } from "./socket";
import { browserKeeper } from "./storage";
import styles from "./styles.css?inline";
import { App } from "./ui/App";

const ELEMENT = "xieshang-chat";

function ownScript(): HTMLScriptElement | null {
  const current = document.currentScript;
  if (current instanceof HTMLScriptElement) return current;
  return document.querySelector('script[src*="/chat/widget.js"]');
}

/** The element: inline and important, so that no style of the host page reaches it. */
function makeHost(): HTMLElement {
  const host = document.createElement(ELEMENT);
  for (const [name, value] of [
    ["all", "initial"],
    ["display", "block"],
    ["direction", "ltr"],
  ] as const) {
    host.style.setProperty(name, value, "important");
  }
  return host;
}

function addStyles(shadow: ShadowRoot): void {
  try {
    // Works where the host page forbids style elements.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    const element = document.createElement("style");
    element.textContent = styles;
    shadow.append(element);
  }
}

function start(options: Options): void {
  const host = makeHost();
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow);
  const root = document.createElement("div");
  shadow.append(root);
  // Beside the body: what the host page does to its body does not move the widget.
  document.documentElement.append(host);

  const prefix = `xieshang:${options.server}:`;
  const settings = browserKeeper(() => localStorage, prefix);
  const tab = browserKeeper(() => sessionStorage, prefix);
  let isPlanned = false;
  const draw = (): void => {
    isPlanned = false;
    render(<App options={options} client={client} settings={settings} tab={tab} />, root);
  };
  const plan = (): void => {
    if (!isPlanned) queueMicrotask(draw);
    isPlanned = true;
  };
  const client = new Client(socketTo(options.server), settings, options.initial, plan);
  addEventListener("storage", plan);
  addEventListener("offline", () => client.checkLink());
  addEventListener("online", () => client.checkLink());
  draw();
}

const script = ownScript();
if (script && !document.querySelector(ELEMENT)) start(readOptions(script, location.href));
