// The pages that can be reached from everywhere, in their order.
import { Blocks, Database, FolderOpen, type LucideIcon, MessagesSquare, Settings } from "lucide-react";

type Page = { to: "/sessions" | "/integrations" | "/data" | "/files" | "/settings"; label: string; Icon: LucideIcon };

/** Those in the bar. */
export const MAIN_PAGES: Page[] = [
  { to: "/sessions", label: "Sessions", Icon: MessagesSquare },
  { to: "/integrations", label: "Integrations", Icon: Blocks },
  { to: "/data", label: "Data", Icon: Database },
  { to: "/files", label: "Files", Icon: FolderOpen },
];

export const PAGES: Page[] = [...MAIN_PAGES, { to: "/settings", label: "Settings", Icon: Settings }];
