// What a file is, by its type and, where that says nothing, by its name.
import { FileArchive, FileAudio, FileCode, FileImage, FileQuestion, FileText, FileVideo, type LucideIcon } from "lucide-react";

const CODE = /\.(css|c|cpp|go|h|html?|java|jsx?|json|kt|lock|mjs|py|rb|rs|sh|sql|toml|tsx?|xml|ya?ml)$/i;
const TEXT = /\.(csv|log|ini|env|md|markdown|txt|tsv|diff|patch)$/i;
const ARCHIVE = /\.(zip|gz|tgz|tar|bz2|xz|zst|7z)$/i;

/** What is known of a file; the agent's have no type. */
type Named = { name: string; type?: string | undefined };

type Kind = "image" | "markdown" | "code" | "text" | "audio" | "video" | "archive" | "other";

export function kindOf({ name, type = "" }: Named): Kind {
  if (imageTypeOf({ name, type })) return "image";
  if (type.startsWith("audio/")) return "audio";
  if (type.startsWith("video/")) return "video";
  if (type === "text/markdown" || /\.(md|markdown)$/i.test(name)) return "markdown";
  if (CODE.test(name) || type === "application/json") return "code";
  if (type.startsWith("text/") || TEXT.test(name)) return "text";
  if (ARCHIVE.test(name)) return "archive";
  // Without a type it may be a text, such as a Makefile; whoever shows it will see.
  return type === "" ? "text" : "other";
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

export const iconOf = (file: Named) => ICONS[kindOf(file)];

const IMAGES: Record<string, string> = { png: "png", jpg: "jpeg", jpeg: "jpeg", gif: "gif", webp: "webp", avif: "avif", svg: "svg+xml", bmp: "bmp", ico: "x-icon" };

/** The type of an image that browsers show. */
export function imageTypeOf({ name, type = "" }: Named): string | undefined {
  if (Object.values(IMAGES).some((image) => type === `image/${image}`)) return type;
  const image = type === "" && IMAGES[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ""];
  return image ? `image/${image}` : undefined;
}
