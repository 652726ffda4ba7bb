import { describe, expect, it } from "vitest";

import { DEFAULT_COLOR, readOptions } from "../src/options";
import { texts } from "../src/texts";

function options(attributes: Record<string, string>) {
  const script = document.createElement("script");
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  return readOptions(script, "https://shop.example/page");
}

describe("attributes of the script tag", () => {
  it("has a default for each", () => {
    expect(options({ src: "https://help.example/chat/widget.js?v=2" })).toEqual({
      server: "https://help.example",
      title: texts.title,
      color: DEFAULT_COLOR,
      position: "right",
      greeting: texts.greeting,
      initial: "",
      privacy: "",
      full: false,
      shared: false,
    });
  });

  it("takes them", () => {
    const found = options({
      src: "/chat/widget.js",
      "data-title": "还款助手",
      "data-color": "#ABC",
      "data-position": "left",
      "data-greeting": "您好",
      "data-initial": "你好",
      "data-privacy": "/privacy",
      "data-full": "",
      "data-shared": "true",
      "data-server": "https://help.example/bot/",
    });
    expect(found).toEqual({
      server: "https://help.example/bot",
      title: "还款助手",
      color: "#AABBCC",
      position: "left",
      greeting: "您好",
      initial: "你好",
      privacy: "https://shop.example/privacy",
      full: true,
      shared: true,
    });
  });

  it("finds the server below a path", () => {
    expect(options({ src: "https://a.example/bot/chat/widget.js" }).server).toBe(
      "https://a.example/bot",
    );
  });

  it("refuses what is no colour, no address, no side", () => {
    const found = options({
      "data-color": "red;background:url(//evil.example)",
      "data-privacy": "javascript:alert(1)",
      "data-position": "top",
      "data-shared": "false",
    });
    expect(found.color).toBe(DEFAULT_COLOR);
    expect(found.privacy).toBe("");
    expect(found.position).toBe("right");
    expect(found.shared).toBe(false);
  });
});
