/** The user said no, or went to look at something first. Nothing was changed, and nothing more needs to be said. */
export class Declined extends Error {
  constructor() {
    super('declined');
    // The command runner takes it for what it is: somebody changed their mind.
    this.name = 'AbortError';
  }
}
