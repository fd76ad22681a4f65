// Cuts markdown into blocks that can be rendered on their own, so that a growing text renders
// its last block again and not all of it.

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** A line that may belong to what stands before the blank line: indented, or a list's item. */
const CONTINUES = /^(\s|[-*+] |\d+[.)] )/;

export function blocksOf(markdown: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    const begins = block.at(-1) === "" && line !== "" && !CONTINUES.test(line);
    if (fence === null && begins) {
      blocks.push(block.join("\n"));
      block = [];
    }
    if (mark && fence === null) fence = mark;
    else if (mark && fence !== null && mark.startsWith(fence)) fence = null;
    block.push(line);
  }
  return [...blocks, block.join("\n")];
}
