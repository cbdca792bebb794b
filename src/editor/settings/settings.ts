import * as vscode from 'vscode';
import type { Json, JsonObject } from '../../core/json.ts';
import type { DriftSettings } from '../../services/drift/driftSettings.ts';
import { type SettingName, settingDefaults } from '../contributions.ts';
import type { SeverityChoice } from '../views/model/diagnostics.ts';
import type { Disposable } from '../../core/emitter.ts';
import { type ContextRules, rulesOf } from '../permission/contextRules.ts';

/** Settings that adapters read at each use. Empty texts are undefined. */
export interface ProgramSettings {
  kubeconfig: string | undefined;
  kubectlPath: string | undefined;
  kustomizePath: string | undefined;
  helmPath: string | undefined;
  allowRemoteBases: boolean;
}

/** The user's settings, read anew at each use, so that a change counts at once. */
export class Settings {
  programs(): ProgramSettings {
    return {
      kubeconfig: textOf('kubeconfig'),
      kubectlPath: textOf('kubectlPath'),
      kustomizePath: textOf('kustomizePath'),
      helmPath: textOf('helmPath'),
      allowRemoteBases: read('allowRemoteBases') === true,
    };
  }

  drift(): DriftSettings {
    const secrets = read('secrets');
    const namespace = textOf('namespace');
    return {
      secrets: secrets === 'keys' || secrets === 'skip' ? secrets : 'compare',
      skipKinds: new Set(listOf('skipKinds').map((kind) => kind.toLowerCase())),
      ignore: (read('ignore') ?? null) as Json,
      applications: new Set(listOf('applications')),
      ...(namespace === undefined ? {} : { namespace }),
    };
  }

  severity(kind: 'drifted' | 'conflict' | 'missing' | 'pending' | 'undetermined' | 'problems'): SeverityChoice {
    const chosen = read(`diagnostics.${kind}`);
    const known: readonly unknown[] = ['error', 'warning', 'information', 'hint', 'off'] satisfies SeverityChoice[];
    return known.includes(chosen) ? (chosen as SeverityChoice) : settingDefaults[`diagnostics.${kind}`];
  }

  /** Of the user's own settings alone, whatever a workspace or another extension says. */
  contextRules(): ContextRules {
    const settings = vscode.workspace.getConfiguration('plumbline');
    const protectedByUser = settings.inspect<unknown>('protectedContexts')?.globalValue;
    return rulesOf(
      settings.inspect<unknown>('writableContexts')?.globalValue,
      protectedByUser ?? settingDefaults.protectedContexts,
    );
  }

  /** Keeps that a context may be changed while it points to this server. */
  async allowContext(context: string, server: string): Promise<void> {
    const settings = vscode.workspace.getConfiguration('plumbline');
    const known = settings.inspect<Record<string, unknown>>('writableContexts')?.globalValue ?? {};
    const allowed = { ...known, [context]: server };
    await settings.update('writableContexts', allowed, vscode.ConfigurationTarget.Global);
  }

  /** Adds a rule to those that the workspace has. */
  async addIgnoreRule(rule: JsonObject): Promise<void> {
    const settings = vscode.workspace.getConfiguration('plumbline');
    const known = settings.inspect<unknown>('ignore')?.workspaceValue;
    const rules: unknown[] = Array.isArray(known) ? known : [];
    await settings.update('ignore', [...rules, rule], vscode.ConfigurationTarget.Workspace);
  }

  get statusBar(): boolean {
    return read('statusBar') !== false;
  }

  onDidChange(listener: (affects: (name: SettingName) => boolean) => void): Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('plumbline')) {
        listener((name) => event.affectsConfiguration(`plumbline.${name}`));
      }
    });
  }
}

function read(name: SettingName): unknown {
  return vscode.workspace.getConfiguration('plumbline').get<unknown>(name);
}

/** What a person wrote may be of any type, whatever package.json says. */
function textOf(name: SettingName): string | undefined {
  const value = read(name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function listOf(name: SettingName): string[] {
  const value = read(name);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
