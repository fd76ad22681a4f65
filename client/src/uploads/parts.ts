// Sends a file's parts straight to the bucket, some at once. Those that are there are not sent again.
import { ApiError } from "@/api/errors";
import { partAgain, partsOf } from "@/api/files";
import type { FilePart } from "@/api/types";
import { transfer } from "./transfer";

const AT_ONCE = 3;
const TRIES = 5;
/** The first wait after a failure; it doubles. */
const WAIT_MS = 1_000;

type Sending = { id: string; file: File; signal: AbortSignal; onSent: (bytes: number) => void };

export async function sendParts({ id, file, signal, onSent }: Sending): Promise<void> {
  const sent = new Map<number, number>();
  const tell = (number: number) => (bytes: number) => {
    sent.set(number, bytes);
    onSent([...sent.values()].reduce((sum, bytes) => sum + bytes, 0));
  };
  // One that fails ends the others.
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  for (let cursor: string | undefined; ; ) {
    const page = await partsOf(id, either, { limit: 100, ...(cursor && { cursor }) });
    for (const part of page.parts) if (part.stored) tell(part.number)(part.size);
    const missing = page.parts.filter((part) => !part.stored);
    const sendSome = async () => {
      for (let part = missing.shift(); part; part = missing.shift()) {
        await sendPart(id, part, file, either, tell(part.number));
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, sendSome));
    } catch (error) {
      failed.abort(error);
      throw error;
    }
    if (!page.next_cursor) return;
    cursor = page.next_cursor;
  }
}

async function sendPart(id: string, part: FilePart, file: File, signal: AbortSignal, onSent: (bytes: number) => void) {
  const { number, offset, size } = part;
  let url = part.url;
  for (let attempt = 1; ; attempt++) {
    try {
      await transfer({ method: "PUT", url, body: file.slice(offset, offset + size), signal, onSent });
      return onSent(size);
    } catch (error) {
      onSent(0);
      if (!(error instanceof ApiError) || attempt === TRIES) throw error;
      await pause(WAIT_MS * 2 ** (attempt - 1), signal);
      // Its address is good for an hour, and a laptop may have slept.
      if (error.status === 403) url = (await partAgain(id, number, signal)).url;
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => (clearTimeout(timer), reject(signal.reason));
    const timer = setTimeout(() => (signal.removeEventListener("abort", abort), resolve()), ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
