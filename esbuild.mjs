// Bundles everything that ships. `--production` minifies and enforces the size budgets, `--watch` rebuilds on change.
import { context } from 'esbuild';
import { existsSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const packageFile = fileURLToPath(new URL('package.json', import.meta.url));
const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

/** Modules that become bundles of their own, loaded on first use: path in the sources → file in dist. */
const lazyModules = new Map([
  ['adapters/kubernetes/clientNode.ts', './cluster.cjs'],
  ['sandbox/sandboxServer.ts', './sandbox.cjs'],
  ['adapters/git/localRepository.ts', './git.cjs'],
  ['adapters/jq/jqWorker.ts', './jq.cjs'],
  ['editor/actions/runAction.ts', './actions.cjs'],
  ['editor/commits/commitsBundle.ts', './commits.cjs'],
]);

/** Turns `await import('…/clientNode.ts')` into a require of the bundle that holds it. */
const lazyBundles = {
  name: 'lazy-bundles',
  setup(build) {
    build.onResolve({ filter: /\.ts$/ }, (args) => {
      if (args.kind !== 'dynamic-import') return undefined;
      for (const [source, path] of lazyModules) {
        if (source.endsWith(args.path.replace(/^(\.\.?\/)+/, ''))) return { path, external: true };
      }
      return undefined;
    });
  },
};

/** The launcher holds nothing of what it starts: only what is loaded after it comes from the cache of compiled code. */
const commandLineApart = {
  name: 'command-line-apart',
  setup(build) {
    build.onResolve({ filter: /\/cli\.ts$/ }, () => ({ path: './cli.cjs', external: true }));
  },
};

const isClientNode = (importer) => /node_modules[\\/]@kubernetes[\\/]client-node[\\/]/.test(importer);

/**
 * What client-node asks of its libraries where Plumbline never asks it: it sends its own requests, reads kubeconfigs and renews OpenID
 * tokens itself, and refuses the removed providers.
 */
const neverCalled = {
  undici: ['Agent', 'ProxyAgent', 'fetch'],
  socks: ['SocksClient'],
  'js-yaml': ['load', 'loadAll', 'dump'],
  'jsonpath-plus': ['JSONPath'],
  'openid-client': ['discovery', 'refreshTokenGrant', 'customFetch'],
};

/**
 * client-node has no side effects but does not say so. Without those and without what is never called, the bundle is a tenth of its
 * size. What speaks to SOCKS proxies is loaded where there is one.
 */
const shakenClientNode = {
  name: 'shaken-client-node',
  setup(build) {
    build.onResolve({ filter: /^[^.]/ }, ({ importer, path }) =>
      path in neverCalled && (path === 'undici' || isClientNode(importer))
        ? { path, namespace: 'unused', sideEffects: false }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => {
      const refuse = `throw new Error('${path} is not part of this bundle');`;
      return { contents: neverCalled[path].map((name) => `export function ${name}() { ${refuse} }`).join('\n') };
    });
    build.onResolve({ filter: /^socks-proxy-agent$/ }, ({ namespace, resolveDir }) =>
      namespace === 'later' ? undefined : { path: 'socks-proxy-agent', namespace: 'later', pluginData: { resolveDir } },
    );
    build.onLoad({ filter: /.*/, namespace: 'later' }, ({ pluginData: { resolveDir } }) => {
      const real = "require('socks-proxy-agent').SocksProxyAgent";
      const contents = `export class SocksProxyAgent { constructor(...given) { return new (${real})(...given); } }`;
      return { contents, resolveDir };
    });
    build.onResolve({ filter: /.*/ }, async (args) => {
      if (args.pluginData?.shaken || (!isClientNode(args.importer) && args.path !== '@kubernetes/client-node'))
        return undefined;
      const { resolveDir, importer, kind } = args;
      const found = await build.resolve(args.path, { resolveDir, importer, kind, pluginData: { shaken: true } });
      return found.external || found.errors.length > 0 ? found : { path: found.path, sideEffects: false };
    });
  },
};

/** All that is wanted of package.json are its version, and that of Node. */
const versionsOnly = {
  name: 'versions-only',
  setup(build) {
    build.onLoad({ filter: /[\\/]package\.json$/ }, async ({ path }) => {
      if (path !== packageFile) return undefined;
      const { version, engines } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version, engines }), loader: 'json' };
    });
  },
};

const node = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  // The libraries' ESM builds shake out better than their CJS ones.
  mainFields: ['module', 'main'],
  // The same code as yaml's CJS build, which is what Node is given, a fifth smaller and loaded in half the time.
  alias: { yaml: fileURLToPath(new URL('node_modules/yaml/browser/index.js', import.meta.url)) },
  external: ['vscode'],
  // `import()` of a bundle becomes `require`, which the extension host loads faster.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': '__plumblineModuleUrl' },
  banner: { js: "const __plumblineModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  logOverride: { 'import-is-undefined': 'error' },
  plugins: [lazyBundles, versionsOnly],
};

const bundles = [
  { ...node, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.cjs', budgetKilobytes: 500 },
  { ...node, entryPoints: ['src/cli.ts'], outfile: 'dist/cli.cjs', budgetKilobytes: 650 },
  {
    ...node,
    entryPoints: ['src/launch.ts'],
    outfile: 'dist/plumbline.cjs',
    budgetKilobytes: 5,
    plugins: [commandLineApart, versionsOnly],
  },
  {
    ...node,
    entryPoints: ['src/adapters/kubernetes/clientNode.ts'],
    outfile: 'dist/cluster.cjs',
    budgetKilobytes: 300,
    plugins: [lazyBundles, shakenClientNode],
  },
  { ...node, entryPoints: ['src/sandbox/sandboxServer.ts'], outfile: 'dist/sandbox.cjs', budgetKilobytes: 900 },
  { ...node, entryPoints: ['src/adapters/git/localRepository.ts'], outfile: 'dist/git.cjs', budgetKilobytes: 120 },
  // What changes clusters and Git: loaded by the first command that does.
  { ...node, entryPoints: ['src/editor/actions/runAction.ts'], outfile: 'dist/actions.cjs', budgetKilobytes: 500 },
  { ...node, entryPoints: ['src/editor/commits/commitsBundle.ts'], outfile: 'dist/commits.cjs', budgetKilobytes: 300 },
  // jq as WebAssembly, 1.3 MB of it in the text of the library: loaded in a thread when a rule of Argo CD holds an expression.
  { ...node, entryPoints: ['src/adapters/jq/jqWorker.ts'], outfile: 'dist/jq.cjs', budgetKilobytes: 1400 },
].filter((bundle) => existsSync(bundle.entryPoints[0]));

// A production build is what is packed: nothing of an earlier one may stay beside it.
if (production) rmSync('dist', { recursive: true, force: true });

let overBudget = false;
for (const { budgetKilobytes, ...options } of bundles) {
  const build = await context(options);
  if (watch) {
    await build.watch();
    continue;
  }
  await build.rebuild();
  await build.dispose();
  const kilobytes = Math.ceil(statSync(options.outfile).size / 1000);
  if (production && kilobytes > budgetKilobytes) {
    overBudget = true;
    console.error(`${options.outfile}: ${kilobytes} KB, over its budget of ${budgetKilobytes} KB`);
  } else {
    console.log(`${options.outfile}: ${kilobytes} KB`);
  }
}
if (overBudget) process.exitCode = 1;
