const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** Parses a CEL (Go) duration such as `1h30m` or `1.5s`. Returns milliseconds; undefined if it is invalid. */
export function parseCelDurationMs(text: string): number | undefined {
  const whole = /^(-?)((?:\d{1,18}(?:\.\d{1,18})?(?:h|ms|m|s|us|µs|ns))+)$/.exec(text);
  if (whole === null) return undefined;
  let sum = 0;
  for (const [, amount, unit = ''] of (whole[2] ?? '').matchAll(
    /(\d{1,18}(?:\.\d{1,18})?)(h|ms|m|s|us|µs|ns)/g,
  )) {
    sum += Number(amount) * (unitMs[unit] ?? Number.NaN);
  }
  return whole[1] === '-' ? -sum : sum;
}
