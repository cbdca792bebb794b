import type { Uri } from 'vscode';
export type UsesEditor = Uri;
