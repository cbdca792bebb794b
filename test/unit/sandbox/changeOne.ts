import { readFileSync, writeFileSync } from 'node:fs';

/** In the place of an editor: changes the value "1" of key `a` in the file that it is given. */
const path = process.argv[2] ?? '';
writeFileSync(path, readFileSync(path, 'utf8').replace('a: "1"', 'a: "2"'));
