// Beside the thread: the agent's files as they were kept after the last turn, and what that turn changed.
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { ChevronRight, Download, Folder, FolderOpen, Link2, X } from "lucide-react";
import { useState } from "react";
import { download } from "@/api/content";
import { explain } from "@/api/errors";
import type { FileDiff, FolderEntry } from "@/api/types";
import { archiveHref, diffQuery, folderQuery, workspaceHref } from "@/api/workspace";
import { Button } from "@/components/button";
import { iconOf } from "@/components/file-kinds";
import { Skeleton } from "@/components/notice";
import { Preview } from "@/components/preview";
import { Segmented } from "@/components/segmented";
import { sizeOf } from "@/components/size";
import { toast } from "@/stores/toasts";
import DiffLines, { patchLines } from "./diff";

/** `turn`: the last one that is over; 0 while none is. */
type Props = { sessionId: string; version: number; turn: number; onClose: () => void };

const TABS = [
  ["files", "Files"],
  ["changes", "Last turn"],
] as const;

export default function WorkspacePanel({ sessionId, version, turn, onClose }: Props) {
  const [tab, choose] = useState<"files" | "changes">("files");
  const save = useMutation({
    mutationFn: () => download(archiveHref(sessionId), "workspace.tar.zst"),
    onError: (error) => toast(explain(error), "error"),
  });
  return (
    <aside
      aria-label="Workspace"
      className="flex min-h-0 flex-col border-line bg-page max-lg:fixed max-lg:inset-0 max-lg:z-20 lg:w-96 lg:shrink-0 lg:border-l"
    >
      <div className="flex items-center gap-1 border-b border-line p-2">
        <div className="grow">
          <Segmented label="What is shown" value={tab} choices={TABS} onChoose={choose} />
        </div>
        <Button look="quiet" size="icon" aria-label="Download everything" disabledReason={save.isPending && "Downloading"} onClick={() => save.mutate()}>
          <Download className="size-4.5" aria-hidden />
        </Button>
        <Button look="quiet" size="icon" aria-label="Close the workspace" onClick={onClose}>
          <X className="size-4.5" aria-hidden />
        </Button>
      </div>
      <div className="min-h-0 grow overflow-y-auto p-2">
        {tab === "files" ? <Tree sessionId={sessionId} version={version} /> : <Changes sessionId={sessionId} turn={turn} version={version} />}
      </div>
    </aside>
  );
}

function Tree({ sessionId, version }: { sessionId: string; version: number }) {
  const [shown, show] = useState<FolderEntry | null>(null);
  return (
    <>
      <Entries sessionId={sessionId} version={version} path="" onShow={show} />
      <p className="px-2 pt-3 text-xs text-soft">As it was after the last turn.</p>
      {shown && (
        <Preview
          file={{ href: workspaceHref(sessionId, shown.path), name: shown.name, size: shown.size ?? 0, version }}
          onClose={() => show(null)}
        />
      )}
    </>
  );
}

type EntriesProps = { sessionId: string; version: number; path: string; onShow: (entry: FolderEntry) => void };

/** What lies in a folder, which is read when it is opened. */
function Entries({ path, onShow, ...of }: EntriesProps) {
  const query = useInfiniteQuery(folderQuery(of.sessionId, path, of.version));
  if (query.isPending) return <Skeleton className="m-2 h-16" />;
  if (!query.data) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  const entries = query.data.pages.flatMap((page) => page.entries);
  if (entries.length === 0) {
    return <p className="px-2 py-1.5 text-sm text-soft">{path ? "An empty folder." : "Nothing is here yet. It shows what the agent made once a turn is over."}</p>;
  }
  const sorted = entries.toSorted((a, b) => Number(b.kind === "folder") - Number(a.kind === "folder"));
  return (
    <ul className={path ? "ml-4 border-l border-line pl-1" : ""}>
      {sorted.map((entry) => (
        <li key={entry.path}>
          {entry.kind === "folder" ? <FolderRow entry={entry} onShow={onShow} {...of} /> : <FileRow entry={entry} onShow={onShow} />}
        </li>
      ))}
      {query.hasNextPage && (
        <li>
          <Button look="quiet" size="sm" onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </li>
      )}
      {query.data.pages.at(-1)?.truncated && !path && <li className="px-2 py-1.5 text-sm text-soft">There is more than is listed here; download everything.</li>}
    </ul>
  );
}

const row = "flex h-9 w-full items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-sunken";

function FolderRow({ entry, ...rest }: Omit<EntriesProps, "path"> & { entry: FolderEntry }) {
  const [open, setOpen] = useState(false);
  const Icon = open ? FolderOpen : Folder;
  return (
    <>
      <button type="button" aria-expanded={open} className={row} onClick={() => setOpen(!open)}>
        <ChevronRight className={`size-3.5 shrink-0 text-soft transition-transform ${open ? "rotate-90" : ""}`} aria-hidden />
        <Icon className="size-4 shrink-0 text-soft" aria-hidden />
        <span className="truncate">{entry.name}</span>
      </button>
      {open && <Entries path={entry.path} {...rest} />}
    </>
  );
}

function FileRow({ entry, onShow }: { entry: FolderEntry; onShow: (entry: FolderEntry) => void }) {
  if (entry.kind === "link") {
    return (
      <p className={`${row} pl-7.5 text-soft`}>
        <Link2 className="size-4 shrink-0" aria-hidden />
        <span className="truncate">
          {entry.name} → {entry.target}
        </span>
      </p>
    );
  }
  const Icon = iconOf({ name: entry.name });
  return (
    <button type="button" className={`${row} pl-7.5`} onClick={() => onShow(entry)}>
      <Icon className="size-4 shrink-0 text-soft" aria-hidden />
      <span className="min-w-0 grow truncate">{entry.name}</span>
      <span className="text-xs text-soft tabular-nums">{sizeOf(entry.size ?? 0)}</span>
    </button>
  );
}

function Changes({ sessionId, turn, version }: { sessionId: string; turn: number; version: number }) {
  const query = useQuery({ ...diffQuery(sessionId, turn, version), enabled: turn > 0 });
  if (turn === 0) return <p className="px-2 py-1.5 text-sm text-soft">No turn is over yet.</p>;
  if (query.isPending) return <Skeleton className="m-2 h-24" />;
  if (query.isError) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  if (!query.data?.files.length) return <p className="px-2 py-1.5 text-sm text-soft">The last turn changed no file.</p>;
  return (
    <ul className="space-y-2">
      {query.data.files.map((file) => (
        <Change key={file.path} file={file} />
      ))}
      {query.data.truncated && <li className="px-2 text-sm text-soft">More files changed than are named here.</li>}
    </ul>
  );
}

const WORDS: Record<FileDiff["change"], string> = { added: "new", modified: "changed", deleted: "deleted" };

function Change({ file: { path, change, additions, deletions, patch } }: { file: FileDiff }) {
  return (
    <li>
      <details className="group/change rounded-lg border border-line bg-raised">
        <summary className="flex h-10 list-none items-center gap-2 rounded-lg px-3 text-sm hover:bg-sunken/60">
          <span className="min-w-0 grow truncate font-mono text-[13px]" title={path}>
            {path}
          </span>
          <span className="shrink-0 text-xs text-soft tabular-nums">
            {WORDS[change]} +{additions} −{deletions}
          </span>
          <ChevronRight className="size-4 shrink-0 text-soft transition-transform group-open/change:rotate-90" aria-hidden />
        </summary>
        <div className="border-t border-line p-2">
          {patch ? <DiffLines lines={patchLines(patch)} label={`Change of ${path}`} /> : <p className="px-1 text-sm text-soft">It is no text, or too large to be shown.</p>}
        </div>
      </details>
    </li>
  );
}

const Failed = ({ error, onAgain }: { error: unknown; onAgain: () => void }) => (
  <div role="alert" className="space-y-2 px-2 py-1.5 text-sm">
    <p className="text-danger">{explain(error)}</p>
    <Button size="sm" onClick={onAgain}>
      Try again
    </Button>
  </div>
);
