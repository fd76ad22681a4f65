// Of an upload in parts only what is missing is sent, and a part that fails is tried again.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { partAgain, partsOf } from "@/api/files";
import { sendParts } from "./parts";
import { transfer } from "./transfer";

vi.mock("@/api/files", () => ({ partsOf: vi.fn(), partAgain: vi.fn() }));
vi.mock("./transfer", () => ({ transfer: vi.fn() }));

const part = (number: number, stored = false) => ({ number, offset: (number - 1) * 2, size: 2, stored, url: `/${number}` });
const pages = (...all: ReturnType<typeof part>[][]) =>
  all.forEach((parts, index) => vi.mocked(partsOf).mockResolvedValueOnce({ parts, next_cursor: index + 1 < all.length ? "next" : null }));

const file = new File(["aabbcc"], "f");

/** Lets the waits between tries pass. */
async function send(signal = new AbortController().signal) {
  const onSent = vi.fn();
  let over = false;
  const sending = sendParts({ id: "fil_1", file, signal, onSent }).finally(() => (over = true));
  sending.catch(() => {});
  while (!over) await vi.advanceTimersByTimeAsync(1_000);
  await sending;
  return onSent;
}
const urls = () => vi.mocked(transfer).mock.calls.map(([{ url }]) => url);

afterEach(() => vi.useRealTimers());

beforeEach(() => {
  vi.resetAllMocks();
  vi.useFakeTimers();
  vi.mocked(transfer).mockResolvedValue(null);
});

it("over all pages, what is there is counted and not sent again", async () => {
  pages([part(1, true), part(2)], [part(3)]);
  const onSent = await send();
  expect(urls()).toEqual(["/2", "/3"]);
  expect(onSent).toHaveBeenLastCalledWith(6);
});

it("a part that fails is sent again, to a new address when the old one is no longer good", async () => {
  pages([part(1)]);
  vi.mocked(transfer)
    .mockRejectedValueOnce(ApiError.network())
    .mockRejectedValueOnce(new ApiError(403, "unknown", "expired"));
  vi.mocked(partAgain).mockResolvedValue({ ...part(1), url: "/again" });
  await send();
  expect(urls()).toEqual(["/1", "/1", "/again"]);
});

it("a pause ends it at once, and a part that keeps failing ends the others", async () => {
  const pause = new AbortController();
  pages([part(1)]);
  vi.mocked(transfer).mockImplementation(({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
  setTimeout(() => pause.abort(), 5_000);
  await expect(send(pause.signal)).rejects.toMatchObject({ name: "AbortError" });

  pages([part(1), part(2)]);
  vi.mocked(transfer).mockImplementation(({ url, signal }) =>
    url === "/1" ? Promise.reject(ApiError.network()) : new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  await expect(send()).rejects.toMatchObject({ code: "network" });
});
