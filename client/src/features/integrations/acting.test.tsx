// What agents may do is the user's choice, and what it lacks at the service is said.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import * as api from "@/api/integrations";
import type { Integration } from "@/api/types";
import { Acting } from "./acting";

vi.mock("@/api/integrations", () => ({
  letAct: vi.fn(async () => ({})),
  startConnecting: vi.fn(async () => ({ url: "#there" })),
}));

const integration = { id: "int_1", service: "gmail", actions: "deny", missing_scopes: [] as string[] } as Integration;

const shown = (more: Partial<Integration>) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Acting integration={{ ...integration, ...more }} />
    </QueryClientProvider>,
  );

beforeEach(() => void vi.clearAllMocks());

it("agents only read until their user says otherwise", async () => {
  shown({});
  expect(screen.getByRole("button", { name: "Only read" }).getAttribute("aria-pressed")).toBe("true");
  expect(screen.queryByRole("button", { name: "Connect again" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Ask first" }));
  expect(vi.mocked(api.letAct).mock.calls).toEqual([[expect.objectContaining({ id: "int_1" }), "ask"]]);
});

it("an account that was connected for reading is connected again", async () => {
  shown({ actions: "allow", missing_scopes: ["gmail.send"] });
  await userEvent.click(screen.getByRole("button", { name: "Connect again" }));
  expect(vi.mocked(api.startConnecting).mock.calls).toEqual([["gmail", "int_1"]]);
});
