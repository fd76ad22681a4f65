// What the server compares a file with: of a small one SHA-256, of one in parts CRC-64/NVME.
import { ApiError } from "@/api/errors";
import type { Told } from "./checksum.worker";

const unreadable = () => new ApiError(0, "unreadable", "The browser can't read this file. It may have been moved or changed: choose it again.");

export async function sha256(file: File): Promise<string> {
  const content = await file.arrayBuffer().catch(() => Promise.reject(unreadable()));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export function crc64(file: File, signal: AbortSignal, onDone: (bytes: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const worker = new Worker(new URL("./checksum.worker.ts", import.meta.url), { type: "module" });
    const end = (settle: () => void) => {
      worker.terminate();
      signal.removeEventListener("abort", abort);
      settle();
    };
    const abort = () => end(() => reject(signal.reason));
    signal.addEventListener("abort", abort);
    worker.onerror = () => end(() => reject(unreadable()));
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if ("done" in data) onDone(data.done);
      else if ("checksum" in data) end(() => resolve(`crc64nvme:${data.checksum}`));
      else end(() => reject(unreadable()));
    };
    worker.postMessage(file);
  });
}
