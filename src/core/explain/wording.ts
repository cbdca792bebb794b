/** `vscode.l10n.t`: the message in the user's language, `{0}` replaced by the first argument. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** What pure view models need to make sentences. */
export interface Wording {
  t: Translate;
  now: Date;
}

/** Placeholders filled, language kept: for tests and for the host without a bundle. */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
