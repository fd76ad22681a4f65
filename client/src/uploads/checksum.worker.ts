// Computes a file's CRC-64/NVME beside the page, which stays quick meanwhile.
import { Crc64Nvme } from "@aws-sdk/crc64-nvme";

const CHUNK_BYTES = 4 * 1024 * 1024;

export type Told = { done: number } | { checksum: string } | { error: string };

addEventListener("message", async ({ data: file }: MessageEvent<File>) => {
  const tell = (told: Told) => postMessage(told);
  try {
    const crc = new Crc64Nvme();
    for (let at = 0; at < file.size; at += CHUNK_BYTES) {
      crc.update(new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer()));
      tell({ done: Math.min(at + CHUNK_BYTES, file.size) });
    }
    tell({ checksum: hex(await crc.digest()) });
  } catch (error) {
    tell({ error: String(error) });
  }
});

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
