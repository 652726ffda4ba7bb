/** Colours with enough contrast, after WCAG. */

function channels(color: string): [number, number, number] {
  const value = parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Relative luminance of #rrggbb, from 0 to 1. */
export function luminance(color: string): number {
  const [red, green, blue] = channels(color).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever is easier to read on a colour. */
export function inkOn(color: string): string {
  return contrast(color, "#ffffff") >= contrast(color, "#000000") ? "#ffffff" : "#000000";
}

/**
 * A colour moved towards black or white until it can be read.
 *
 * @param color #rrggbb.
 * @param ground what it stands on, #rrggbb.
 * @param least contrast, 4.5 for text.
 */
export function readableOn(color: string, ground: string, least = 4.5): string {
  const target = luminance(ground) > 0.3 ? 0 : 255;
  let found = color;
  for (let step = 1; contrast(found, ground) < least && step <= 20; step += 1) {
    const mixed = channels(color).map((channel) =>
      Math.round(channel + ((target - channel) * step) / 20),
    );
    found = `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
  }
  return found;
}
