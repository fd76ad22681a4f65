// Copies a text and says so in place.
import { Check, Copy as CopyIcon } from "lucide-react";
import { useState } from "react";
import { toast } from "@/stores/toasts";
import { Button } from "./button";

export function Copy({ text, label, className }: { text: string; label: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1_500);
      },
      () => toast("The browser did not allow copying. Select the text and copy it by hand.", "error"),
    );
  const Icon = copied ? Check : CopyIcon;
  return (
    <Button look="quiet" size="icon-sm" className={className} aria-label={copied ? "Copied" : label} onClick={copy}>
      <Icon className="size-4" aria-hidden />
    </Button>
  );
}
