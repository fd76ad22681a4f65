// A labelled input with its hint and its error.
import { type ComponentProps, useId } from "react";

type Props = ComponentProps<"input"> & { label: string; hint?: string; error?: string | undefined };

export const inputStyle =
  "w-full rounded-lg border border-edge bg-raised px-3 text-base text-ink sm:text-sm aria-invalid:border-danger";

export function Field({ label, hint, error, className = "", ...props }: Props) {
  const id = useId();
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        className={`${inputStyle} h-10 ${className}`}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-hint ${id}-error`}
        {...props}
      />
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-soft">
          {hint}
        </p>
      )}
      <p id={`${id}-error`} role="alert" className="text-sm text-danger empty:hidden">
        {error}
      </p>
    </div>
  );
}
