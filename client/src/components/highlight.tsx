// Colours code. A chunk of its own: the code is readable before it has come.
import { toJsxRuntime } from "hast-util-to-jsx-runtime";
import { common, createLowlight } from "lowlight";
import { memo } from "react";
import { Fragment, jsx, jsxs } from "react/jsx-runtime";

const lowlight = createLowlight(common);

/** More than this takes longer than it is worth. */
const CHARS_MAX = 50_000;

export default memo(({ code, language }: { code: string; language: string }) => {
  if (code.length > CHARS_MAX || !lowlight.registered(language)) return code;
  return toJsxRuntime(lowlight.highlight(language, code), { Fragment, jsx, jsxs });
});
