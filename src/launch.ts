#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './adapters/files/cacheFolder.ts';
import { exitCode } from './cli/exitCode.ts';
import { isOlder, oldestNode } from './cli/nodeVersion.ts';

/**
 * What `plumbline` starts once it is installed: the command line, whose code is compiled once for each of its versions instead of at
 * each run. It is run in prompts and hooks, where 20 ms count. Where the folder cannot be written, it is compiled as ever.
 */
if (isOlder(process.versions.node, oldestNode)) {
  process.stderr.write(
    `plumbline: Node ${oldestNode} or newer is needed; ${process.execPath} is ${process.versions.node}.\n` +
      '  Install a newer one (https://nodejs.org/en/download), or put it first in PATH.\n',
  );
  process.exitCode = exitCode.incomplete;
} else {
  enableCompileCache(join(cacheFolder(process.env), 'code'));
  void import('./cli.ts');
}
