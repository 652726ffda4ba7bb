/** The messages between widget and server; what arrives is read, never trusted. */

export interface Button {
  title: string;
}

export interface Document {
  title: string;
  url: string;
  name: string;
}

export type Kind = "text" | "buttons" | "image" | "documents" | "progress";

/** One message of the conversation as the server keeps it. */
export interface Entry {
  /** Place in the conversation, from 1, without gaps. */
  sequence: number;
  id: string;
  from: "user" | "bot";
  kind: Kind;
  text: string;
  buttons: Button[];
  /** One of its buttons was pressed. */
  used: boolean;
  image: string;
  items: Document[];
  /** Step of the registration, from 1; 0: none. */
  rank: number;
  count: number;
  /** When it was said, in milliseconds; 0: unknown. */
  at: number;
}

export interface Session {
  token: string;
  renewed: boolean;
  history: Entry[];
}

export type Reason = "too_long" | "rate" | "bad" | "busy" | "used";

export interface Acknowledgement {
  ok: boolean;
  reason: string;
  text: string;
}

type Fields = Record<string, unknown>;

const KINDS: readonly string[] = ["text", "buttons", "image", "documents", "progress"];

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

function moment(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) {
    return value < 1e11 ? value * 1000 : value;
  }
  return Date.parse(text(value)) || 0;
}

/** An entry, or null when it is none that can be shown. */
export function readEntry(value: unknown): Entry | null {
  const entry = fields(value);
  const sequence = count(entry.sequence);
  const from = entry.from;
  if (!sequence || (from !== "user" && from !== "bot")) return null;
  const kind = KINDS.includes(text(entry.kind)) ? (entry.kind as Kind) : "text";
  return {
    sequence,
    id: text(entry.id),
    from,
    kind,
    text: text(entry.text),
    buttons: list(entry.buttons).map((button) => ({ title: text(button.title) })),
    used: entry.used === true,
    image: text(entry.image),
    items: list(entry.items).map((item) => ({
      title: text(item.title),
      url: text(item.url),
      name: text(item.name),
    })),
    rank: count(entry.rank),
    count: count(entry.count),
    at: moment(entry.at),
  };
}

/** What the server says after connecting; null when it is no session. */
export function readSession(value: unknown): Session | null {
  const session = fields(value);
  const token = text(session.token);
  if (!token) return null;
  return {
    token,
    renewed: session.conversation_renewed === true,
    history: list(session.history)
      .map(readEntry)
      .filter((entry): entry is Entry => entry !== null),
  };
}

/** Whether and why the server did not take a message. */
export function readAcknowledgement(value: unknown): Acknowledgement {
  const answer = fields(value);
  return { ok: answer.ok === true, reason: text(answer.reason), text: text(answer.text) };
}

/** The sequence number of `used`; 0 when there is none. */
export function readSequence(value: unknown): number {
  return count(fields(value).sequence);
}
