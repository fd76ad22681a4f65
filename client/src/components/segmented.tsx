// One of a few, all of them in sight.

type Props<T extends string> = { label: string; value: T; choices: readonly (readonly [T, string])[]; onChoose: (value: T) => void };

export function Segmented<T extends string>({ label, value, choices, onChoose }: Props<T>) {
  return (
    <div role="group" aria-label={label} className="flex w-fit max-w-full overflow-x-auto rounded-lg border border-line p-0.5">
      {choices.map(([choice, name]) => (
        <button
          key={choice}
          type="button"
          aria-pressed={choice === value}
          className="h-8.5 shrink-0 rounded-md px-3 text-sm -outline-offset-2 text-soft hover:text-ink aria-pressed:bg-sunken aria-pressed:font-medium aria-pressed:text-ink"
          onClick={() => onChoose(choice)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
