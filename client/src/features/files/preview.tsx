// What is in a file, as far as a browser can show it without running any of it.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { Suspense, lazy, useEffect, useState } from "react";
import { explain } from "@/api/errors";
import { TEXT_BYTES_MAX, contentOf, download } from "@/api/files";
import type { StoredFile } from "@/api/types";
import { Button } from "@/components/button";
import { CodeBlock } from "@/components/code-block";
import { Dialog } from "@/components/dialog";
import { Skeleton } from "@/components/notice";
import { sizeOf } from "@/components/size";
import { toast } from "@/stores/toasts";
import { IMAGE_BYTES_MAX, kindOf, languageOf } from "./kinds";
import { lastOf } from "./row";

const Markdown = lazy(() => import("@/components/markdown").then(({ Markdown }) => ({ default: Markdown })));

export function Preview({ file, onClose }: { file: StoredFile; onClose: () => void }) {
  const save = useMutation({ mutationFn: () => download(file), onError: (error) => toast(explain(error), "error") });
  return (
    <Dialog title={lastOf(file.name)} description={`${sizeOf(file.size)}, ${file.content_type}`} wide open onOpenChange={onClose}>
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

function Content({ file }: { file: StoredFile }) {
  const kind = kindOf(file);
  if (kind === "image" && file.size <= IMAGE_BYTES_MAX) return <Image file={file} />;
  if (kind === "code" || kind === "text" || kind === "markdown") return <Text file={file} />;
  return <p className="rounded-lg bg-sunken px-4 py-8 text-center text-sm text-soft">This kind of file can't be shown here. Download it to open it.</p>;
}

function Text({ file }: { file: StoredFile }) {
  const query = useQuery({
    queryKey: ["file-text", file.id],
    queryFn: async ({ signal }) => {
      if (file.size === 0) return "";
      return (await contentOf(file, { first: TEXT_BYTES_MAX, signal })).text();
    },
    staleTime: Infinity,
  });
  if (query.isPending) return <Skeleton className="h-64" />;
  if (query.isError) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  const text = query.data;
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

function Image({ file }: { file: StoredFile }) {
  const query = useQuery({
    queryKey: ["file-image", file.id],
    // The type is the list's: the server says of every download that it is to be saved.
    queryFn: async ({ signal }) => new Blob([await (await contentOf(file, { signal })).arrayBuffer()], { type: file.content_type }),
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
