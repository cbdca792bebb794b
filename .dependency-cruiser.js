/**
 * The arrows of docs/architecture.md. `test/architecture` plants a violation of each rule and expects it to be found.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'core-is-pure',
      comment: 'core imports itself and yaml, nothing else: no vscode, no node, no ports.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: ['^src/core/', '(^|/)node_modules/yaml/', '^yaml$'] },
    },
    {
      name: 'ports-know-core-only',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { pathNot: ['^src/core/', '^src/ports/'] },
    },
    {
      name: 'services-know-core-and-ports',
      severity: 'error',
      from: { path: '^src/services/' },
      to: { pathNot: ['^src/core/', '^src/ports/', '^src/services/'] },
    },
    {
      name: 'adapters-know-ports-and-core',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^(src/(services|sandbox|editor|protocol|cli)/|src/(cli|extension)\\.ts|webview/|vscode$)' },
    },
    {
      name: 'sandbox-knows-core',
      comment: 'The in-process face of the simulated cluster implements the Cluster port, so ports are allowed.',
      severity: 'error',
      from: { path: '^src/sandbox/' },
      to: { path: '^(src/(services|adapters|editor|protocol|cli)/|src/(cli|extension)\\.ts|webview/|vscode$)' },
    },
    {
      name: 'editor-does-not-reach-adapters',
      comment: 'Adapters reach the editor through ports, from the composition root.',
      severity: 'error',
      from: { path: '^src/editor/' },
      to: { path: '^(src/(adapters|sandbox|cli)/|src/(cli|extension)\\.ts|webview/)' },
    },
    {
      name: 'vscode-only-in-editor',
      severity: 'error',
      from: { path: '^(src|webview)/', pathNot: '^src/(editor/|extension\\.ts$)' },
      to: { path: '^vscode$|(^|/)node_modules/@types/vscode/' },
    },
    {
      name: 'cli-does-not-reach-the-editor',
      severity: 'error',
      from: { path: '^src/(cli/|cli\\.ts$)' },
      to: { path: '^(src/(editor|protocol)/|src/extension\\.ts|webview/|vscode$)' },
    },
    {
      name: 'protocol-knows-core',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { pathNot: ['^src/core/', '^src/protocol/'] },
    },
    {
      name: 'webview-knows-protocol-and-core',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^src/', pathNot: ['^src/core/', '^src/protocol/'] },
    },
    {
      name: 'nothing-reaches-the-roots',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|extension|launch)\\.ts$' },
      to: { path: '^src/(cli|extension)\\.ts$' },
    },
    {
      name: 'heavy-modules-are-lazy',
      comment: 'client-node costs 0.2 s and 1.4 MB: one file imports it, and that file is loaded on first use.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/kubernetes/clientNode\\.ts$' },
      to: { path: '(^|/)@kubernetes/client-node', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-drift-below-reconcile',
      comment:
        'Inside core: text, kube <- manifest, schema <- apply, drift <- health, delivery <- cluster <- reconcile.',
      severity: 'error',
      from: { path: '^src/core/(text|kube|manifest|schema|apply|drift|health|delivery)/' },
      to: { path: '^src/core/(cluster|reconcile)/' },
    },
    {
      name: 'core-ground-floor',
      severity: 'error',
      from: { path: '^src/core/(text|kube)/' },
      to: { path: '^src/core/(manifest|kustomize|apply|drift|health|delivery|cluster|reconcile)/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['node', 'import', 'require', 'default', 'types'] },
  },
};
