/** What a person is asked. Implemented with the editor's own dialogs, and by a script in tests. */
export interface Prompts {
  /** A modal dialog; the button that was pressed, undefined where it was left. */
  ask(question: Question): Promise<string | undefined>;
  /** One line of text; undefined where it was left. `validate` says what is wrong with it, undefined where nothing is. */
  input(options: InputOptions): Promise<string | undefined>;
  /** One of a list; undefined where it was left. */
  pick<T>(items: readonly PickItem<T>[], options: PickOptions): Promise<T | undefined>;
  /** Any number of a list; undefined where it was left. */
  pickMany<T>(items: readonly PickItem<T>[], options: PickOptions): Promise<T[] | undefined>;
}

export interface Question {
  message: string;
  /** Lines below the message. */
  detail: string;
  /** The first is the one that Enter presses; the editor adds Cancel. */
  buttons: readonly string[];
}

export interface InputOptions {
  title: string;
  prompt: string;
  placeholder?: string;
  value?: string;
  readonly validate: (text: string) => string | undefined;
}

export interface PickItem<T> {
  value: T;
  label: string;
  description?: string;
  detail?: string;
  /** Ticked from the start; only in a pick of many. */
  picked?: boolean;
}

export interface PickOptions {
  title: string;
  placeholder: string;
}
