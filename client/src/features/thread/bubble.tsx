// What the user said.
export function Bubble({ text, muted = false }: { text: string; muted?: boolean }) {
  const look = muted ? "border border-dashed border-edge text-soft" : "border border-transparent bg-sunken";
  return (
    <div className={`max-w-[85%] rounded-2xl rounded-br-md px-4 py-2 wrap-anywhere whitespace-pre-wrap ${look}`}>{text}</div>
  );
}
