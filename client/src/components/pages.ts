// The pages that can be reached from everywhere, in their order.
import { type LucideIcon, MessagesSquare, Settings } from "lucide-react";

type Page = { to: "/sessions" | "/settings"; label: string; Icon: LucideIcon };

export const PAGES: Page[] = [
  { to: "/sessions", label: "Sessions", Icon: MessagesSquare },
  { to: "/settings", label: "Settings", Icon: Settings },
];
