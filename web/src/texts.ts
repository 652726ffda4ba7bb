import texts from "../texts.zh-CN.json";

/** Every text of the widget. */
export { texts };

/** A text with its values filled in: `{name}` is replaced by `values.name`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}
