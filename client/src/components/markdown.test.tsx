// What the agent writes is shown, and nothing that it writes is run or fetched.
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { blocksOf } from "./blocks";
import { Markdown } from "./markdown";

it("HTML is text, and a link can't carry a script", () => {
  const { container } = render(<Markdown text={'<img src=x onerror="alert(1)"> [go](javascript:alert(1))'} />);
  expect(container.querySelector("img, script")).toBeNull();
  expect(screen.getByText("go").getAttribute("href")).not.toContain("javascript");
});

it("links are marked and open elsewhere, and images become links", () => {
  const { container } = render(<Markdown text="[docs](https://a.test) ![cat](https://b.test/c.png)" />);
  const [docs, cat] = screen.getAllByRole("link");
  expect(docs).toHaveProperty("target", "_blank");
  expect(docs?.getAttribute("rel")).toContain("noopener");
  expect(cat?.getAttribute("href")).toBe("https://b.test/c.png");
  expect(container.querySelector("img")).toBeNull();
});

it("tables, task lists and code are rendered, and code can be copied", () => {
  render(<Markdown text={"| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n```js\nlet x\n```"} />);
  expect(screen.getAllByRole("cell")).toHaveLength(2);
  expect(screen.getByRole("checkbox")).toHaveProperty("checked", true);
  expect(screen.getByText("let x").textContent).toBe("let x");
  expect(screen.getByRole("button", { name: /Copy/ })).toBeTruthy();
});

it("blocks join to the text, and keep lists and fences whole", () => {
  const text = "# A\n\npara\nmore\n\n- one\n\n- two\n\n  inner\n\n```\na\n\nb\n```\n\nend";
  const blocks = blocksOf(text);
  expect(blocks.join("\n")).toBe(text);
  expect(blocks.map((block) => block.trim())).toEqual([
    "# A",
    "para\nmore\n\n- one\n\n- two\n\n  inner",
    "```\na\n\nb\n```",
    "end",
  ]);
});
