/** Shorter texts are no secrets: they stand in every sentence. */
const shortest = 4;
/** What is left of a value that was cut still gives it away. */
const window = 10;

/** Every spelling under which a value may turn up in a text, cut to pieces that a shortened value would still hold. */
export function needlesOf(value: Uint8Array): Set<string> {
  const bytes = Buffer.from(value);
  const text = bytes.toString('utf8');
  const parts = [text, ...text.split(/\r?\n/)];
  const spelled = new Set<string>([bytes.toString('base64'), bytes.toString('hex')]);
  const needles = new Set<string>();
  for (const part of parts) {
    spelled.add(part);
    spelled.add(JSON.stringify(part).slice(1, -1));
    spelled.add(part.replaceAll("'", "''"));
    spelled.add(Buffer.from(part).toString('base64').replace(/=+$/, ''));
    spelled.add(Buffer.from(part).toString('hex'));
    // Whole: pieces of it are the same signs as in every other address.
    if (part.isWellFormed() && saysSomething(part)) needles.add(encodeURIComponent(part));
  }
  for (const spelling of spelled) {
    const pieces = spelling.length <= window ? [spelling] : windowsOf(spelling);
    for (const piece of pieces) if (saysSomething(piece)) needles.add(piece);
  }
  return needles;
}

function windowsOf(spelling: string): string[] {
  return Array.from({ length: spelling.length - window + 1 }, (_, at) => spelling.slice(at, at + window));
}

/** Brackets, quotes and spaces give nothing away. */
function saysSomething(piece: string): boolean {
  return piece.replaceAll(/[^\p{L}\p{N}]/gu, '').length >= shortest;
}

/** The pieces of secret values that a text shows although nothing public holds them. */
export function leaksIn(
  shown: string,
  secrets: readonly Uint8Array[],
  isPublic: (needle: string) => boolean,
): string[] {
  const found = secrets.flatMap((secret) => [...needlesOf(secret)].filter((needle) => shown.includes(needle)));
  return found.filter((needle) => !isPublic(needle));
}
