import type { Locator, Page } from 'playwright-core';
import { codicon, readElements } from './elements.ts';
import type { QuickInput } from './quickInput.ts';
import { eventually, optionalText, patience, readable } from './text.ts';

/** A notification in the corner. */
export interface Notification {
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly buttons: readonly string[];
}

/** A modal dialog. */
export interface Modal {
  readonly message: string;
  /** Smaller text below the message. */
  readonly detail: string | undefined;
  readonly buttons: readonly string[];
}

/** Notifications and modal dialogs. */
export class Messages {
  private readonly quickInput: QuickInput;
  private readonly toasts: Locator;
  private readonly dialog: Locator;

  constructor(page: Page, quickInput: QuickInput) {
    this.quickInput = quickInput;
    this.toasts = page.locator('.notifications-toasts .notification-list-item');
    this.dialog = page.locator('.monaco-dialog-box');
  }

  /** Notifications in view, newest first; VS Code shows three at most. */
  async notifications(): Promise<Notification[]> {
    const items = await readElements(this.toasts, {
      icon: { in: '.notification-list-item-icon', of: 'class' },
      text: { in: '.notification-list-item-message', of: 'text' },
      buttons: { in: '.notification-list-item-buttons-container .monaco-button', of: 'text', every: true },
    });
    return items.map(({ icon, text, buttons }) => ({
      severity: severityOf(icon),
      text: readable(text ?? ''),
      buttons: (buttons ?? '')
        .split('\n')
        .map(readable)
        .filter((button) => button !== ''),
    }));
  }

  /** The notification whose text has this in it, once it is shown. */
  async notification(text: string, timeoutMs = patience): Promise<Notification> {
    const matches = (item: Notification): boolean => item.text.includes(text);
    const all = await eventually(
      `a notification with "${text}"`,
      () => this.notifications(),
      (items) => items.some(matches),
      timeoutMs,
    );
    const found = all.find(matches);
    if (!found) throw new Error(`The notification with "${text}" is gone.`);
    return found;
  }

  /** Presses a button of the notification whose text has this in it. */
  async pressInNotification(text: string, button: string): Promise<void> {
    const item = this.toasts.filter({ hasText: text }).first();
    await item
      .locator('.notification-list-item-buttons-container .monaco-button', { hasText: button })
      .click({ timeout: patience });
  }

  /** Closes all notifications, so that an earlier one is not taken for a new one with the same text. */
  async clear(): Promise<void> {
    await this.quickInput.runCommand('Notifications: Clear All Notifications');
    await eventually(
      'the notifications to go',
      () => this.notifications(),
      (items) => items.length === 0,
    );
  }

  /** The modal dialog, once it is shown. */
  async modal(): Promise<Modal> {
    await this.dialog.waitFor({ state: 'visible', timeout: patience });
    return {
      message: (await optionalText(this.dialog.locator('.dialog-message-text, .dialog-message'))) ?? '',
      detail: await optionalText(this.dialog.locator('.dialog-message-detail')),
      buttons: (await this.dialog.locator('.dialog-buttons .monaco-button').allTextContents()).map(readable),
    };
  }

  /** Presses a button of the modal dialog and waits until it is gone. */
  async pressInModal(button: string): Promise<void> {
    await this.dialog
      .locator('.dialog-buttons')
      .getByRole('button', { name: button, exact: true })
      .click({ timeout: patience });
    await this.dialog.waitFor({ state: 'hidden', timeout: patience });
  }
}

/** Severity that an icon stands for, judged by its classes. */
export function severityOf(classes: string | undefined): 'info' | 'warning' | 'error' {
  const icon = codicon(classes);
  return icon === 'error' || icon === 'warning' ? icon : 'info';
}
