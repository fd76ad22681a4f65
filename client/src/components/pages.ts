// The pages that can be reached from everywhere, in their order.
import { type LucideIcon, MessagesSquare } from "lucide-react";

type Page = { to: "/sessions"; label: string; Icon: LucideIcon };

export const PAGES: Page[] = [{ to: "/sessions", label: "Sessions", Icon: MessagesSquare }];
