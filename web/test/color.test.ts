import { expect, it } from "vitest";

import { contrast, inkOn, readableOn } from "../src/color";

it("every accent can be read, in light and in dark", () => {
  for (let value = 0; value < 0x1000; value += 7) {
    const [red, green, blue] = value.toString(16).padStart(3, "0");
    const color = `#${red}${red}${green}${green}${blue}${blue}`;
    expect(contrast(color, inkOn(color))).toBeGreaterThanOrEqual(4.5);
    for (const ground of ["#ffffff", "#1b2127"]) {
      expect(contrast(readableOn(color, ground), ground)).toBeGreaterThanOrEqual(4.5);
    }
  }
});

it("knows the contrast of WCAG's examples", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});
