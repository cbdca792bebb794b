import type { KnipConfig } from 'knip';

const config: KnipConfig = {
  entry: [
    'src/extension.ts',
    'src/launch.ts',
    'scripts/*.ts',
    'test/**/*.test.ts',
    'test/bench/*.ts',
    'test/editor/**/*.host.ts',
    'test/rig/**/*.ts',
  ],
  project: ['src/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts'],
  ignore: ['test/architecture/planted/**'],
  ignoreDependencies: ['node', '@aws-cdk/lambda-layer-kubectl-v35'],
  // What a function takes or returns is exported with it, also where nobody names it yet.
  ignoreExportsUsedInFile: true,
};

export default config;
