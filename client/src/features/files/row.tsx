// A file in the list.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, Trash2 } from "lucide-react";
import { download } from "@/api/content";
import { explain } from "@/api/errors";
import { deleteFile, hrefOf } from "@/api/files";
import type { StoredFile } from "@/api/types";
import { Button } from "@/components/button";
import { iconOf } from "@/components/file-kinds";
import { sizeOf } from "@/components/size";
import { lastOf } from "@/components/preview";
import { Time } from "@/components/time";
import { later, toast } from "@/stores/toasts";

type Props = {
  file: StoredFile;
  onShow: (file: StoredFile) => void;
  onFolder: (prefix: string) => void;
  onLeaving: (id: string, gone: boolean) => void;
};

export function FileRow({ file, onShow, onFolder, onLeaving }: Props) {
  const client = useQueryClient();
  const save = useMutation({ mutationFn: () => download(hrefOf(file.id), lastOf(file.name)), onError: (error) => toast(explain(error), "error") });
  const remove = () => {
    onLeaving(file.id, true);
    const stay = () => onLeaving(file.id, false);
    later(`“${lastOf(file.name)}” is deleted.`, act, stay);
    async function act() {
      try {
        await deleteFile(file.id);
      } catch (error) {
        stay();
        toast(explain(error), "error");
      }
      await client.invalidateQueries({ queryKey: ["files"] });
    }
  };
  const Icon = iconOf({ name: file.name, type: file.content_type });
  return (
    <li className="flex items-center gap-3 border-b border-line py-2.5">
      <Icon className="size-5 shrink-0 text-soft" aria-hidden />
      <div className="min-w-0 grow">
        <p className="flex min-w-0 flex-wrap items-baseline">
          <Folders name={file.name} onFolder={onFolder} />
          <button type="button" className="max-w-full truncate rounded text-left font-medium hover:text-accent" onClick={() => onShow(file)}>
            {lastOf(file.name)}
          </button>
        </p>
        <p className="text-sm text-soft">
          {sizeOf(file.size)}
          <span aria-hidden> · </span>
          <Time at={file.created_at} />
        </p>
      </div>
      <Button
        look="quiet"
        size="icon"
        aria-label={`Download ${file.name}`}
        disabledReason={save.isPending && "Downloading"}
        onClick={() => save.mutate()}
      >
        <Download className="size-4.5" aria-hidden />
      </Button>
      <Button look="quiet" size="icon" aria-label={`Delete ${file.name}`} onClick={remove}>
        <Trash2 className="size-4.5" aria-hidden />
      </Button>
    </li>
  );
}

/** Each folder of the name leads to what is in it. */
function Folders({ name, onFolder }: { name: string; onFolder: (prefix: string) => void }) {
  const folders = name.split("/").slice(0, -1);
  return folders.map((folder, index) => (
    <button
      key={index}
      type="button"
      className="max-w-48 truncate rounded text-soft hover:text-ink"
      onClick={() => onFolder(`${folders.slice(0, index + 1).join("/")}/`)}
    >
      {folder}
      <span className="px-0.5">/</span>
    </button>
  ));
}
