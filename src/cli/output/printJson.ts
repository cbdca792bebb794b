/** A report as JSON. Integers beyond 2^53 are strings (design §5), which no reader of numbers could hold. */
export function printJson(report: object): string {
  const text = JSON.stringify(report, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2);
  return `${text}\n`;
}
