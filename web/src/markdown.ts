/** Light Markdown: lines, lists, **strong** words, links. Everything else is text. */

import DOMPurify from "dompurify";

import { linked, safeUrl } from "./links";
import { texts } from "./texts";

const ALLOWED = {
  ALLOWED_TAGS: ["p", "br", "ul", "ol", "li", "strong", "a", "span"],
  ALLOWED_ATTR: ["href", "target", "rel", "start", "class"],
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|tel:\d+$)/i,
  ADD_URI_SAFE_ATTR: ["target", "rel", "start"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};
const BULLET = /^\s*[-*•]\s+/;
const NUMBER = /^\s*(\d{1,2})[.、)]\s*(?=\D)/;
const INLINE = /\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^()\s]+)\)/g;

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function anchor(href: string, text: string): string {
  if (href.startsWith("tel:")) return `<a href="${escaped(href)}">${escaped(text)}</a>`;
  const told = `<span class="hidden">（${texts.opensNewTab}）</span>`;
  return `<a href="${escaped(href)}" target="_blank" rel="noopener noreferrer">${escaped(text)}${told}</a>`;
}

function plain(text: string, server: string): string {
  return linked(text, server)
    .map((piece) => (piece.href ? anchor(piece.href, piece.text) : escaped(piece.text)))
    .join("");
}

function inline(line: string, server: string): string {
  let html = "";
  let end = 0;
  for (const found of line.matchAll(INLINE)) {
    const [whole, strong, label = "", address = ""] = found;
    html += plain(line.slice(end, found.index), server);
    const href = strong ? "" : safeUrl(address, server);
    if (strong) html += `<strong>${plain(strong, server)}</strong>`;
    else html += href ? anchor(href, label) : escaped(whole);
    end = found.index + whole.length;
  }
  return html + plain(line.slice(end), server);
}

function markup(text: string, server: string): string {
  let html = "";
  let open = "";
  const close = (): void => {
    html += open && `</${open}>`;
    open = "";
  };
  const enter = (tag: string, attributes = ""): void => {
    if (open === tag) return;
    close();
    html += `<${tag}${attributes}>`;
    open = tag;
  };
  for (const line of text.split("\n")) {
    const number = NUMBER.exec(line);
    if (BULLET.test(line)) {
      enter("ul");
      html += `<li>${inline(line.replace(BULLET, ""), server)}</li>`;
    } else if (number) {
      enter("ol", ` start="${number[1]}"`);
      html += `<li>${inline(line.replace(NUMBER, ""), server)}</li>`;
    } else if (!line.trim()) {
      close();
    } else {
      if (open === "p") html += "<br>";
      enter("p");
      html += inline(line, server);
    }
  }
  close();
  return html;
}

/**
 * What the bot says as nodes.
 *
 * @param text its light Markdown; HTML in it is shown as text.
 * @param server address of the assistant, which its documents are taken from.
 */
export function rendered(text: string, server: string): DocumentFragment {
  return DOMPurify.sanitize(markup(text, server), {
    ...ALLOWED,
    RETURN_DOM_FRAGMENT: true,
  });
}
