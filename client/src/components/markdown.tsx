// Markdown of the agent. No HTML of its own gets through, links are marked and lead out of the
// page, and nothing is loaded from elsewhere.
import { Children, type ReactNode, isValidElement, memo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import { blocksOf } from "./blocks";
import { CodeBlock } from "./code-block";
import { gfm } from "./gfm";

const PLUGINS = [gfm];

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
      <span aria-hidden>&#8239;↗</span>
      <span className="sr-only"> (opens in a new tab)</span>
    </a>
  ),
  // An image of elsewhere would tell its server who reads this.
  img: ({ src, alt }) => (
    <a href={typeof src === "string" ? src : undefined} target="_blank" rel="noopener noreferrer nofollow">
      {alt || "Image"}
      <span aria-hidden>&#8239;↗</span>
    </a>
  ),
  pre: ({ children }) => <CodeBlock code={textOf(children).replace(/\n$/, "")} language={languageOf(children)} />,
};

function textOf(node: ReactNode): string {
  if (typeof node === "string") return node;
  return Children.toArray(node)
    .map((child) => (isValidElement<{ children?: ReactNode }>(child) ? textOf(child.props.children) : String(child)))
    .join("");
}

function languageOf(node: ReactNode): string | undefined {
  const code = Children.toArray(node).find((child) => isValidElement<{ className?: string }>(child));
  return /language-(\S+)/.exec((code as { props: { className?: string } } | undefined)?.props.className ?? "")?.[1];
}

const Block = memo(({ text }: { text: string }) => (
  <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
    {text}
  </ReactMarkdown>
));

export const Markdown = memo(({ text }: { text: string }) => (
  <div className="prose">
    {blocksOf(text).map((block, index) => (
      <Block key={index} text={block} />
    ))}
  </div>
));
