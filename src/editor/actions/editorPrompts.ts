import * as vscode from 'vscode';
import { redactCredentials } from '../log/redactedLog.ts';
import type { InputOptions, PickItem, PickOptions, Prompts, Question } from './prompts.ts';

/** Asks by the editor's modal dialogs, quick picks and input boxes, all of which work from the keyboard alone. */
export const editorPrompts: Prompts = {
  async ask({ message, detail, buttons }: Question): Promise<string | undefined> {
    // Reasons come from servers and programs: the same net as for the log.
    const options = { modal: true, detail: redactCredentials(detail) };
    return vscode.window.showWarningMessage(redactCredentials(message), options, ...buttons);
  },

  async input({ title, prompt, placeholder, value, validate }: InputOptions): Promise<string | undefined> {
    return vscode.window.showInputBox({
      title,
      prompt,
      ...(placeholder === undefined ? {} : { placeHolder: placeholder }),
      ...(value === undefined ? {} : { value }),
      // What was typed must survive a look at a file.
      ignoreFocusOut: true,
      validateInput: (text) => validate(text) ?? null,
    });
  },

  async pick<T>(items: readonly PickItem<T>[], { title, placeholder }: PickOptions): Promise<T | undefined> {
    const picked = await vscode.window.showQuickPick([...items], { title, placeHolder: placeholder, ...matching });
    return picked?.value;
  },

  async pickMany<T>(items: readonly PickItem<T>[], { title, placeholder }: PickOptions): Promise<T[] | undefined> {
    const options = { title, placeHolder: placeholder, ...matching, canPickMany: true, ignoreFocusOut: true } as const;
    const picked = await vscode.window.showQuickPick([...items], options);
    return picked?.map((item) => item.value);
  },
};

const matching = { matchOnDescription: true, matchOnDetail: true } as const;
