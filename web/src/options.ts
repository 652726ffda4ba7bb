import { texts } from "./texts";

/** What the script tag's attributes ask for. */
export interface Options {
  /** Where the assistant is, without a slash at the end. */
  server: string;
  title: string;
  /** Accent, #rrggbb. */
  color: string;
  position: "left" | "right";
  greeting: string;
  /** Text that is sent when the chat is opened for the first time; empty: none. */
  initial: string;
  /** Address of the privacy statement; empty: none. */
  privacy: string;
  /** The chat fills the page and cannot be closed. */
  full: boolean;
  /** The telephone is shared: neutral words, the history behind a tap. */
  shared: boolean;
}

export const DEFAULT_COLOR = "#22705f";
const SCRIPT = /\/chat\/widget\.js$/;

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== "false";
}

/** The address as a web address; empty when it is none. */
export function webAddress(value: string | undefined, base: string): string {
  if (!value) return "";
  try {
    const url = new URL(value, base);
    return /^https?:$/.test(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

function fullColor(value: string | undefined): string {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(value ?? "");
  if (short) return `#${short.slice(1).map((digit) => digit + digit).join("")}`;
  return /^#[\da-f]{6}$/i.test(value ?? "") ? (value as string) : DEFAULT_COLOR;
}

/**
 * Read the attributes of the script tag.
 *
 * @param script the tag that loaded the widget.
 * @param page address of the page, which relative addresses start from.
 */
export function readOptions(script: HTMLScriptElement, page: string): Options {
  const data = script.dataset;
  const source = new URL(script.src || page, page);
  const own = source.origin + source.pathname.replace(SCRIPT, "").replace(/\/$/, "");
  return {
    server: (webAddress(data.server, page) || own).replace(/\/$/, ""),
    title: data.title?.trim() || texts.title,
    color: fullColor(data.color?.trim()),
    position: data.position === "left" ? "left" : "right",
    greeting: data.greeting?.trim() || texts.greeting,
    initial: data.initial?.trim() ?? "",
    privacy: webAddress(data.privacy, page),
    full: isOn(data.full),
    shared: isOn(data.shared),
  };
}
