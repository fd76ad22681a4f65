// The way to a text that was too large for its message.
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { download } from "@/api/content";
import { explain } from "@/api/errors";
import type { Kept } from "@/api/types";
import { Button } from "@/components/button";
import { toast } from "@/stores/toasts";

const size = new Intl.NumberFormat("en", { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });

export function Whole({ kept }: { kept: Kept }) {
  const save = useMutation({
    mutationFn: () => download(kept.href, "output.txt"),
    onError: (error) => toast(explain(error), "error"),
  });
  return (
    <div className="flex flex-wrap items-center gap-2 px-1 text-xs text-soft">
      {kept.truncated ? "This is a part of the output, of which the beginning was kept." : "This is a part of the output."}
      <Button look="quiet" size="sm" disabledReason={save.isPending && "Loading"} onClick={() => save.mutate()}>
        <Download className="size-3.5" aria-hidden />
        All of it ({size.format(kept.bytes / 1000)})
      </Button>
    </div>
  );
}
