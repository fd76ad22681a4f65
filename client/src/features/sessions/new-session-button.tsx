// The button that opens the dialog for a new session.
import { Plus } from "lucide-react";
import { Button } from "@/components/button";
import { show } from "@/stores/overlays";

export const NewSessionButton = () => (
  <Button look="primary" onClick={() => show("new-session")}>
    <Plus className="size-4" aria-hidden />
    New session
  </Button>
);
