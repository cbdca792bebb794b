#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './adapters/files/cacheFolder.ts';

/**
 * What `plumbline` starts once it is installed: the command line, whose code is compiled once for each of its versions instead of at
 * each run. It is run in prompts and hooks, where 20 ms count. Where the folder cannot be written, it is compiled as ever.
 */
enableCompileCache(join(cacheFolder(process.env), 'code'));
void import('./cli.ts');
