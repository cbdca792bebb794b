import * as vscode from 'vscode';
import type { Disposable } from '../../core/emitter.ts';
import { fileUri, rangeOf } from '../languageFeatures/fileFindings.ts';
import type { LineDiagnostic } from '../views/model/diagnostics.ts';

const docs = 'https://github.com/plumbline-gitops/plumbline/blob/main/docs/drift-semantics.md';

/** Findings, or problems, on their lines. Files whose diagnostics did not change are not touched. */
export class DriftDiagnostics implements Disposable {
  readonly #collection: vscode.DiagnosticCollection;
  #shown = new Map<string, string>();

  constructor(name: string) {
    this.#collection = vscode.languages.createDiagnosticCollection(name);
  }

  /** `unplaced`: addresses of files whose diagnostics stay where the editor has moved them, unless there are others to show. */
  update(diagnostics: readonly LineDiagnostic[], unplaced: ReadonlySet<string> = new Set()): void {
    const byFile = new Map<string, LineDiagnostic[]>();
    for (const diagnostic of diagnostics) {
      const id = fileUri(diagnostic.root, diagnostic.location.file).toString();
      const known = byFile.get(id);
      if (known === undefined) byFile.set(id, [diagnostic]);
      else known.push(diagnostic);
    }
    const shown = new Map<string, string>();
    for (const [id, items] of byFile) {
      const signature = JSON.stringify(items);
      shown.set(id, signature);
      if (this.#shown.get(id) !== signature) this.#collection.set(vscode.Uri.parse(id), items.map(toDiagnostic));
    }
    for (const id of this.#shown.keys()) {
      if (shown.has(id)) continue;
      // Not the signature of what comes next, so that it gets its place again.
      if (unplaced.has(id)) shown.set(id, '');
      else this.#collection.delete(vscode.Uri.parse(id));
    }
    this.#shown = shown;
  }

  dispose(): void {
    this.#collection.dispose();
  }
}

const severities = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

function toDiagnostic(item: LineDiagnostic): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(item.location), item.message, severities[item.severity]);
  diagnostic.source = 'plumbline';
  diagnostic.code = { value: item.code, target: vscode.Uri.parse(`${docs}#${item.code}`) };
  diagnostic.relatedInformation = item.related.map(
    ({ location, message }) =>
      new vscode.DiagnosticRelatedInformation(
        new vscode.Location(fileUri(item.root, location.file), rangeOf(location)),
        message,
      ),
  );
  return diagnostic;
}
