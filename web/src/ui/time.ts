import { texts } from "../texts";

const DAY_MS = 24 * 60 * 60 * 1000;

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/**
 * A moment in words: 今天 14:05, 昨天 9:30, 11-02 18:00.
 *
 * @param at milliseconds since 1970.
 * @param now the present moment.
 */
export function timeTold(at: number, now: Date): string {
  const date = new Date(at);
  const days = Math.round((midnight(now) - midnight(date)) / DAY_MS);
  const two = (number: number): string => String(number).padStart(2, "0");
  const day =
    [texts.today, texts.yesterday][days] ??
    `${date.getFullYear() === now.getFullYear() ? "" : `${date.getFullYear()}-`}${two(
      date.getMonth() + 1,
    )}-${two(date.getDate())}`;
  return `${day} ${date.getHours()}:${two(date.getMinutes())}`;
}
