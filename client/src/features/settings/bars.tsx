// A bar for each span of time, and the same as a table for those who don't see them.

export type Series = { label: string; color: string };
export type Bar = { span: string; values: readonly number[] };

type Props = {
  /** What the bars count. */
  caption: string;
  /** What stands below the first and the last bar. */
  ends: readonly [string, string];
  /** What each bar's values are, from the ground up. */
  series: readonly Series[];
  bars: readonly Bar[];
  show: (value: number) => string;
  className: string;
};

export function Bars({ caption, ends, series, bars, show, className }: Props) {
  const most = Math.max(...bars.map(({ values }) => sum(values)), 0);
  const words = ({ span, values }: Bar) => `${span}: ${series.map(({ label }, index) => `${show(values[index] ?? 0)} ${label}`).join(", ")}`;
  return (
    <figure>
      <div aria-hidden className={`flex items-end gap-px border-b border-line sm:gap-0.5 ${className}`}>
        {bars.map((bar, index) => (
          <div key={index} className="flex h-full grow flex-col-reverse overflow-hidden rounded-t-sm" title={words(bar)}>
            {bar.values.map((value, part) => value > 0 && (
              <div key={part} className={`min-h-0.5 shrink-0 ${series[part]?.color}`} style={{ height: `${(value / most) * 100}%` }} />
            ))}
          </div>
        ))}
      </div>
      <div aria-hidden className="flex justify-between pt-1.5 text-xs text-soft">
        {ends.map((end) => (
          <span key={end}>{end}</span>
        ))}
      </div>
      <div className="sr-only">
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {series.map(({ label }) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bars.map(({ span, values }, index) => (
              <tr key={index}>
                <th scope="row">{span}</th>
                {values.map((value, part) => (
                  <td key={part}>{show(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

export const sum = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
