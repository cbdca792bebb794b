import fc from 'fast-check';

/** Loaded before each test file by scripts/test.ts: properties without a seed of their own take the run's. */
const seed = Number(process.env['PLUMBLINE_SEED'] ?? Number.NaN);
if (Number.isInteger(seed)) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
