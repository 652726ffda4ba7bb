import { describe, expect, it } from "vitest";

import { rendered } from "../src/markdown";

const SERVER = "https://help.example/bot";

function html(text: string): string {
  const box = document.createElement("div");
  box.append(rendered(text, SERVER));
  box.querySelectorAll(".hidden").forEach((note) => note.remove());
  return box.innerHTML;
}

describe("light Markdown", () => {
  it("keeps lines, lists and strong words", () => {
    expect(html("先别慌\n再看：\n- 甲\n- **乙**\n\n完")).toBe(
      "<p>先别慌<br>再看：</p><ul><li>甲</li><li><strong>乙</strong></li></ul><p>完</p>",
    );
    expect(html("2. 二\n3、三")).toBe('<ol start="2"><li>二</li><li>三</li></ol>');
  });

  it("takes no amount for a list", () => {
    expect(html("3.5 倍")).toBe("<p>3.5 倍</p>");
    expect(html("-5 元")).toBe("<p>-5 元</p>");
  });

  it("links addresses in a new tab and tells so", () => {
    const box = document.createElement("div");
    box.append(rendered("看[说明](https://a.example/b)。", SERVER));
    const link = box.querySelector("a");
    expect(link?.target).toBe("_blank");
    expect(link?.rel).toBe("noopener noreferrer");
    expect(link?.textContent).toContain("新窗口");
  });

  it("takes documents from where the widget talks to", () => {
    expect(html("方案页：http://127.0.0.1:5005/files/abc/plan.html")).toContain(
      'href="https://help.example/bot/files/abc/plan.html"',
    );
  });

  it.each([
    ["拨 95188，如实说", "95188"],
    ["打110或120", "110"],
    ["12356：心理援助", "12356"],
  ])("dials the number in %s", (text, number) => {
    expect(html(text)).toContain(`<a href="tel:${number}">${number}</a>`);
  });

  it.each([
    "每月 120 元",
    "逾期120天",
    "欠12348元",
    "第 110 期",
    "1.120",
    "120.50",
    "2026-110",
    "995188",
    "951880",
    "12,348",
  ])("dials nothing in %s", (text) => {
    expect(html(text)).not.toContain("<a");
  });

  it.each([
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "**<svg onload=alert(1)>**",
    "- <iframe srcdoc='<script>alert(1)</script>'>",
    "[点](javascript:alert(1))",
    "[点](JaVaScRiPt:alert(1))",
    "[点](data:text/html,<script>alert(1)</script>)",
    "[点](vbscript:x)",
    "[点](https://user:pass@a.example)",
    '[点](https://a.example/"onmouseover="alert(1))',
    "[<img src=x onerror=alert(1)>](https://a.example)",
    'https://a.example/"onmouseover="alert(1)',
    "https://a.example/<script>alert(1)</script>",
    "<a href='tel:1' onclick=alert(1)>",
    "<style>*{display:none}</style>",
    "&lt;script&gt;",
    "</p><form action=//evil.example><input></form>",
    '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
  ])("shows %s as text", (text) => {
    const box = document.createElement("div");
    box.append(rendered(text, SERVER));
    for (const element of box.querySelectorAll("*")) {
      expect(["P", "BR", "UL", "OL", "LI", "STRONG", "A", "SPAN"]).toContain(element.tagName);
      for (const { name, value } of element.attributes) {
        expect(["href", "target", "rel", "class", "start"]).toContain(name);
        if (name === "href") expect(value).toMatch(/^(https:\/\/a\.example|tel:)/);
      }
    }
    expect(box.textContent).toContain(text.includes("a.example") ? "" : text.slice(2, 9));
  });
});
