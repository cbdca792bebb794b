/**
 * Everything that package.json contributes and code names, written once. A test holds both against each other, so that neither can
 * have a command, setting, view or context key that the other lacks.
 */
export const viewId = 'plumbline.drift';
export const commitsViewId = 'plumbline.commits';
export const containerId = 'plumbline';
export const documentScheme = 'plumbline';
export const documentLanguage = 'plumbline-manifest';
export const walkthroughId = 'plumbline.gettingStarted';

export const commandIds = {
  selectCluster: 'plumbline.selectCluster',
  refresh: 'plumbline.refresh',
  selectApplications: 'plumbline.selectApplications',
  startSandbox: 'plumbline.startSandbox',
  openLiveManifest: 'plumbline.openLiveManifest',
  showLog: 'plumbline.showLog',
  showDrift: 'plumbline.showDrift',
  showMenu: 'plumbline.showMenu',
  showFindingsOnly: 'plumbline.showFindingsOnly',
  showEverything: 'plumbline.showEverything',
  openDiff: 'plumbline.openDiff',
  openDecidingLine: 'plumbline.openDecidingLine',
  copyPath: 'plumbline.copyPath',
  previewReconcile: 'plumbline.previewReconcile',
  openChanges: 'plumbline.openChanges',
  openStepDiff: 'plumbline.openStepDiff',
  showCommits: 'plumbline.showCommits',
  showOlderCommits: 'plumbline.showOlderCommits',
  sync: 'plumbline.sync',
  commitAndSync: 'plumbline.commitAndSync',
  rollBack: 'plumbline.rollBack',
  restore: 'plumbline.restore',
  suspend: 'plumbline.suspend',
  resume: 'plumbline.resume',
  writeLiveValue: 'plumbline.writeLiveValue',
  ignoreDifference: 'plumbline.ignoreDifference',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Commands that make sense only for a row or a finding; the palette does not offer them. */
export const hiddenCommands: readonly CommandId[] = [
  commandIds.showMenu,
  commandIds.openDiff,
  commandIds.openDecidingLine,
  commandIds.copyPath,
  commandIds.openStepDiff,
  commandIds.showOlderCommits,
];

/** Keys of when clauses. `state` holds a ViewState, `commits` a CommitsState, `filter` is `findings` or `all`. */
export const contextKeys = {
  state: 'plumbline:state',
  commits: 'plumbline:commits',
  filter: 'plumbline:filter',
  sandbox: 'plumbline:sandbox',
} as const;

/** Settings below `plumbline.`, with the defaults that package.json declares. */
export const settingDefaults = {
  kubeconfig: '',
  kubectlPath: '',
  kustomizePath: '',
  helmPath: '',
  allowRemoteBases: false,
  secrets: 'compare',
  skipKinds: [] as readonly string[],
  ignore: [] as readonly Readonly<Record<string, unknown>>[],
  applications: [] as readonly string[],
  namespace: '',
  writableContexts: {} as Readonly<Record<string, string>>,
  protectedContexts: ['*prod*'] as readonly string[],
  statusBar: true,
  'diagnostics.drifted': 'warning',
  'diagnostics.conflict': 'warning',
  'diagnostics.missing': 'warning',
  'diagnostics.pending': 'information',
  'diagnostics.undetermined': 'information',
  'diagnostics.problems': 'warning',
} as const;

export type SettingName = keyof typeof settingDefaults;
