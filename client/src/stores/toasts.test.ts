// What is done a moment later can be taken back, and is done once.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { UNDO_MS, later, useToasts } from "./toasts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const undo = () => useToasts.getState().toasts.at(-1)?.undo?.();

it("nothing happens before the time is over, and then once", () => {
  const act = vi.fn();
  later("Gone soon", act);
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  dispatchEvent(new Event("pagehide"));
  expect(act).toHaveBeenCalledTimes(1);
  expect(useToasts.getState().toasts).toEqual([]);
});

it("taken back, it does not happen", () => {
  const act = vi.fn();
  later("Gone soon", act);
  undo();
  vi.advanceTimersByTime(UNDO_MS * 2);
  expect(act).not.toHaveBeenCalled();
});

it("who leaves the page meant it", () => {
  const act = vi.fn();
  later("Gone soon", act);
  dispatchEvent(new Event("pagehide"));
  expect(act).toHaveBeenCalledTimes(1);
});
