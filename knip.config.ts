import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    'src/extension.ts',
    'src/cli.ts',
    'src/sandbox/sandboxServer.ts',
    'src/adapters/kubernetes/clientNode.ts',
    'scripts/*.ts',
    'test/**/*.test.ts',
    'test/bench/*.ts',
    'test/editor/**/*.host.ts',
    'test/rig/**/*.ts',
    'esbuild.mjs',
  ],
  project: ['src/**/*.ts', 'webview/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts'],
  ignore: ['test/architecture/planted/**'],
  ignoreDependencies: ['vscode', 'node', '@aws-cdk/lambda-layer-kubectl-v35'],
  ignoreBinaries: ['dpkg-query', 'go'],
  ignoreUnresolved: ['vscode'],
};

export default config;
