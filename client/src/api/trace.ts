// Where a trace begins: W3C trace context (https://www.w3.org/TR/trace-context/).

/** The `traceparent` of a trace that this call begins. */
export function newTrace(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  // All zeros are not allowed, and will not come.
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-01`;
}
