// What is in a file, as far as a browser can show it without running any of it.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Suspense, lazy, useEffect, useState } from "react";
import { contentOf, download } from "@/api/content";
import { explain } from "@/api/errors";
import { toast } from "@/stores/toasts";
import { Button } from "./button";
import { CodeBlock } from "./code-block";
import { Dialog } from "./dialog";
import { imageTypeOf, kindOf } from "./file-kinds";
import { languageOf } from "./language";
import { Skeleton } from "./notice";
import { sizeOf } from "./size";

/** A text is shown up to here. */
const TEXT_BYTES_MAX = 256 * 1024;
/** Images are fetched whole to be shown. */
const IMAGE_BYTES_MAX = 10 * 1024 * 1024;

/** A file and where its content is; `version` tells contents under one address apart. */
export type Shown = { href: string; name: string; size: number; type?: string; version?: number };

export const lastOf = (name: string) => name.slice(name.lastIndexOf("/") + 1);

const Markdown = lazy(() => import("./markdown").then(({ Markdown }) => ({ default: Markdown })));

export function Preview({ file, onClose }: { file: Shown; onClose: () => void }) {
  const save = useMutation({ mutationFn: () => download(file.href, lastOf(file.name)), onError: (error) => toast(explain(error), "error") });
  return (
    <Dialog title={lastOf(file.name)} description={[sizeOf(file.size), file.type].filter(Boolean).join(", ")} wide open onOpenChange={onClose}>
      <div className="space-y-4 pt-4">
        <Content file={file} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button look="primary" disabledReason={save.isPending && "Downloading"} onClick={() => save.mutate()}>
            <Download className="size-4" aria-hidden />
            Download
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Content({ file }: { file: Shown }) {
  const kind = kindOf(file);
  if (kind === "image" && file.size <= IMAGE_BYTES_MAX) return <Image file={file} />;
  if (kind === "code" || kind === "text" || kind === "markdown") return <Text file={file} />;
  return <NotShown />;
}

const NotShown = () => (
  <p className="rounded-lg bg-sunken px-4 py-8 text-center text-sm text-soft">This kind of file can't be shown here. Download it to open it.</p>
);

function Text({ file }: { file: Shown }) {
  const query = useQuery({
    queryKey: ["file-text", file.href, file.version],
    queryFn: async ({ signal }) => {
      if (file.size === 0) return "";
      return (await contentOf(file.href, { first: TEXT_BYTES_MAX, signal })).text();
    },
    staleTime: Infinity,
  });
  if (query.isPending) return <Skeleton className="h-64" />;
  if (query.isError) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  const text = query.data;
  if (text.includes("\0")) return <NotShown />;
  if (text === "") return <p className="text-sm text-soft">The file is empty.</p>;
  return (
    <>
      {kindOf(file) === "markdown" ? (
        <Suspense fallback={<Skeleton className="h-64" />}>
          <div className="max-h-[50dvh] overflow-y-auto rounded-lg border border-line p-4 text-sm" tabIndex={0} role="group" aria-label="Content">
            <Markdown text={text} />
          </div>
        </Suspense>
      ) : (
        <CodeBlock code={text} language={languageOf(file.name)} label="Content" className="max-h-[50dvh]" />
      )}
      {file.size > TEXT_BYTES_MAX && <p className="text-sm text-soft">These are its first {sizeOf(TEXT_BYTES_MAX)}.</p>}
    </>
  );
}

function Image({ file }: { file: Shown }) {
  const query = useQuery({
    queryKey: ["file-image", file.href, file.version],
    // The type is the list's: the server says of every download that it is to be saved.
    queryFn: async ({ signal }) => new Blob([await (await contentOf(file.href, { signal })).arrayBuffer()], { type: imageTypeOf(file) ?? "" }),
    staleTime: Infinity,
    gcTime: 0,
  });
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!query.data) return;
    const url = URL.createObjectURL(query.data);
    setUrl(url);
    return () => URL.revokeObjectURL(url);
  }, [query.data]);
  if (query.isError) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  if (!url) return <Skeleton className="h-64" />;
  return (
    <div className="grid place-items-center rounded-lg bg-sunken p-2">
      <img src={url} alt={file.name} className="max-h-[50dvh] object-contain" />
    </div>
  );
}

const Failed = ({ error, onAgain }: { error: unknown; onAgain: () => void }) => (
  <div role="alert" className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-danger-sunken px-4 py-3 text-sm">
    {explain(error)}
    <Button size="sm" onClick={onAgain}>
      Try again
    </Button>
  </div>
);
