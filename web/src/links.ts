/** Addresses and telephone numbers in what the bot says. */

import { texts } from "./texts";

const FILE = /\/files\/[^/?#]+\/[^/?#]+$/;
// A number that is an amount, a count or a part of another number is none to dial.
const UNIT = /^\s*(?:[元块万千百天日号月年期个笔次%％]|人民币|多元)/;

/**
 * An address that may be opened; empty when it may not.
 *
 * Documents are the assistant's own: they are taken from where the widget talks to,
 * whatever name of the machine the server knows.
 */
export function safeUrl(value: string, server: string): string {
  try {
    const url = new URL(value, `${server}/`);
    if (!/^https?:$/.test(url.protocol) || url.username || url.password) return "";
    const file = FILE.exec(url.pathname);
    return file ? `${server}${file[0]}` : url.href;
  } catch {
    return "";
  }
}

export interface Piece {
  text: string;
  href: string;
}

const LINK = new RegExp(
  `(https?://[^\\s<>"'，。；、）】》]+)|\\d[\\d.,:-]*\\d`,
  "g",
);

/** A line cut at addresses and at the numbers that can be dialled. */
export function linked(line: string, server: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of line.matchAll(LINK)) {
    const [whole, address] = found;
    const after = line.slice(found.index + whole.length);
    const isDialled = texts.dialNumbers.includes(whole) && !UNIT.test(after);
    const dialled = isDialled ? `tel:${whole}` : "";
    const href = address ? safeUrl(address, server) : dialled;
    if (!href) continue;
    pieces.push({ text: line.slice(end, found.index), href: "" });
    pieces.push({ text: whole, href });
    end = found.index + whole.length;
  }
  pieces.push({ text: line.slice(end), href: "" });
  return pieces.filter((piece) => piece.text);
}
