// What a file is, by its type and, where that says nothing, by its name.
import { FileArchive, FileAudio, FileCode, FileImage, FileQuestion, FileText, FileVideo, type LucideIcon } from "lucide-react";
import type { StoredFile } from "@/api/types";

/** Images are fetched whole to be shown. */
export const IMAGE_BYTES_MAX = 10 * 1024 * 1024;

const CODE = /\.(css|c|cpp|go|h|html?|java|jsx?|json|kt|lock|mjs|py|rb|rs|sh|sql|toml|tsx?|xml|ya?ml)$/i;
const TEXT = /\.(csv|log|ini|env|md|markdown|txt|tsv|diff|patch)$/i;
const ARCHIVE = /\.(zip|gz|tgz|tar|bz2|xz|zst|7z)$/i;

type Kind = "image" | "markdown" | "code" | "text" | "audio" | "video" | "archive" | "other";

export function kindOf({ name, content_type: type }: Pick<StoredFile, "name" | "content_type">): Kind {
  if (/^image\/(png|jpeg|gif|webp|avif|svg\+xml|bmp|x-icon)$/.test(type)) return "image";
  if (type.startsWith("audio/")) return "audio";
  if (type.startsWith("video/")) return "video";
  if (type === "text/markdown" || /\.(md|markdown)$/i.test(name)) return "markdown";
  if (CODE.test(name) || type === "application/json") return "code";
  if (type.startsWith("text/") || TEXT.test(name)) return "text";
  return ARCHIVE.test(name) ? "archive" : "other";
}

const ICONS: Record<Kind, LucideIcon> = {
  image: FileImage,
  markdown: FileText,
  code: FileCode,
  text: FileText,
  audio: FileAudio,
  video: FileVideo,
  archive: FileArchive,
  other: FileQuestion,
};

export const iconOf = (file: Pick<StoredFile, "name" | "content_type">) => ICONS[kindOf(file)];

/** What the highlighter calls the language of a name. */
export function languageOf(name: string): string | undefined {
  const end = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase();
  const known: Record<string, string> = { rs: "rust", py: "python", rb: "ruby", js: "javascript", mjs: "javascript", jsx: "javascript", ts: "typescript", tsx: "typescript", sh: "bash", yml: "yaml", toml: "ini", kt: "kotlin", htm: "xml", html: "xml", h: "c" };
  return end && (known[end] ?? end);
}
