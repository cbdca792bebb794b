import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composePiece } from '../../../../src/core/manifest/composePiece.ts';
import { readNodes } from '../../../../src/core/manifest/nodeReader.ts';
import { readYamlValues } from '../../../../src/core/manifest/readManifests.ts';
import { splitDocuments } from '../../../../src/core/manifest/splitDocuments.ts';

/**
 * What Go makes of a scalar: source, `raw`, `kustomize`. Each row was recorded from kubectl 1.35.4: `annotate --local -o json` for the
 * first column, `kustomize` for the second. `n` marks integers beyond 2^53, `!` an error.
 */
const rows = `
0644                       | 420                    | 420
0o644                      | 420                    | 420
-0644                      | -420                   | -420
-0o17                      | -15                    | -15
0o8                        | "0o8"                  | "0o8"
08                         | 8                      | 8
09.5                       | 9.5                    | 9.5
00                         | 0                      | 0
0777777                    | 262143                 | 262143
1_000                      | 1000                   | 1000
1__0                       | 10                     | 10
1_                         | 1                      | 1
-_1                        | -1                     | -1
_1                         | "_1"                   | "_1"
1_000.5                    | 1000.5                 | 1000.5
0b101                      | 5                      | 5
-0b11                      | -3                     | -3
0B11                       | 3                      | 3
0x1F                       | 31                     | 31
0X1F                       | 31                     | 31
-0x1F                      | -31                    | -31
0x                         | "0x"                   | "0x"
+12                        | 12                     | 12
-0                         | 0                      | 0
-0.0                       | 0                      | 0
1e3                        | 1000                   | 1000
1.5e+3                     | 1500                   | 1500
1e400                      | "1e400"                | "1e400"
1.0                        | 1                      | 1
1.20                       | 1.2                    | 1.2
1.                         | 1                      | 1
.5                         | 0.5                    | 0.5
.5e3                       | 500                    | 500
.5_0                       | 0.5                    | 0.5
+.5                        | 0.5                    | 0.5
.                          | "."                    | "."
1.5.2                      | "1.5.2"                | "1.5.2"
12:30:45                   | "12:30:45"             | "12:30:45"
~                          | null                   | null
null                       | null                   | null
Null                       | null                   | null
NULL                       | null                   | null
nULL                       | "nULL"                 | "nULL"
                           | null                   | null
true                       | true                   | true
True                       | true                   | true
TRUE                       | true                   | true
tRUE                       | "tRUE"                 | "tRUE"
false                      | false                  | false
yes                        | true                   | "yes"
Yes                        | true                   | "Yes"
YES                        | true                   | "YES"
yEs                        | "yEs"                  | "yEs"
on                         | true                   | "on"
ON                         | true                   | "ON"
y                          | true                   | "y"
Y                          | true                   | "Y"
no                         | false                  | "no"
off                        | false                  | "off"
Off                        | false                  | "Off"
n                          | false                  | "n"
N                          | false                  | "N"
.inf                       | !                      | !
-.Inf                      | !                      | !
.NaN                       | !                      | !
2024-01-01                 | "2024-01-01"           | "2024-01-01T00:00:00Z"
2024-1-1                   | "2024-1-1"             | "2024-01-01T00:00:00Z"
2024-02-30                 | "2024-02-30"           | "2024-02-30"
2024-01-01 10:00:00        | "2024-01-01 10:00:00"  | "2024-01-01T10:00:00Z"
2024-01-01T10:00:00        | "2024-01-01T10:00:00"  | "2024-01-01T10:00:00"
2024-01-01T10:00:00+05:00  | "2024-01-01T10:00:00+05:00" | "2024-01-01T10:00:00+05:00"
2024-01-01T1:2:3.120Z      | "2024-01-01T1:2:3.120Z" | "2024-01-01T01:02:03.12Z"
9007199254740991           | 9007199254740991       | 9007199254740991
9007199254740993           | 9007199254740993n      | 9007199254740993n
9223372036854775807        | 9223372036854775807n   | 9223372036854775807n
-9223372036854775808       | -9223372036854775808n  | -9223372036854775808n
-9223372036854775809       | -9223372036854775808   | -9223372036854775808
9223372036854775808        | 9223372036854775808    | 9223372036854775808n
12345678901234567890       | 12345678901234567890   | 12345678901234567890n
18446744073709551615       | 18446744073709551616   | 18446744073709551615n
18446744073709551616       | 18446744073709551616   | 18446744073709551616
+18446744073709551615      | 18446744073709551616   | 18446744073709551616
0xFFFFFFFFFFFFFFFF         | 18446744073709551616   | 18446744073709551615n
0x1FFFFFFFFFFFFFFFF        | "0x1FFFFFFFFFFFFFFFF"  | "0x1FFFFFFFFFFFFFFFF"
99999999999999999999999    | 1e23                   | 1e23
=                          | "="                    | "="
:x                         | ":x"                   | ":x"
"yes"                      | "yes"                  | "yes"
'0644'                     | "0644"                 | "0644"
"<<"                       | "<<"                   | "<<"
!!str 12                   | "12"                   | "12"
!!int "12"                 | 12                     | 12
!!int "0o17"               | 15                     | 15
!!float 1                  | 1                      | 1
!!float "1"                | 1                      | 1
!!bool "true"              | true                   | true
!!bool "yes"               | true                   | !
!!null ""                  | null                   | null
!!binary aGVsbG8=          | "hello"                | "hello"
!!timestamp "2024-01-01"   | "2024-01-01"           | "2024-01-01T00:00:00Z"
!foo 12                    | "12"                   | "12"
! 12                       | "12"                   | 12
`;

/** Keys: source, name in `raw`, name in `kustomize`. */
const keys = `
1            | "1"             | !
0x10         | "16"            | !
0644         | "420"           | !
1e3          | "1000"          | !
1.5          | "1.5"           | !
1e21         | "1e+21"         | !
123456789.5  | "1.2345679e+08" | !
12345678.0   | "1.2345678e+07" | !
100000.0     | "100000"        | !
1000000.0    | "1e+06"         | !
0.00001      | "1e-05"         | !
123456789    | "123456789"     | !
18446744073709551615 | !       | !
true         | "true"          | !
yes          | "true"          | "yes"
n            | "false"         | "n"
ON           | "true"          | "ON"
2024-01-01   | "2024-01-01"    | !
~            | !               | !
null         | !               | !
""           | ""              | ""
"1"          | "1"             | "1"
.inf         | "+Inf"          | !
a b          | "a b"           | "a b"
{a: b}       | !               | !
`;

describe('scalars as Go reads them', () => {
  for (const [source = '', raw = '', kustomize = ''] of cells(rows)) {
    for (const [profile, expected] of [['raw', raw] as const, ['kustomize', kustomize] as const]) {
      it(`reads ${source === '' ? 'nothing' : source} as ${expected} (${profile})`, () => {
        for (const text of [`v: ${source}\n`, `- ${source}\n`, `{v: ${source} }\n`]) {
          // In a flow map a kustomize build makes an empty text of a value that was left out; no one writes that.
          const read = readYamlValues(text, { profile });
          if (expected === '!') assert.equal(read.problems[0]?.code, 'invalid-yaml', text);
          else {
            const value = valueOf(expected);
            assert.deepEqual(read.values, [text.startsWith('-') ? [value] : { v: value }], text);
          }
          assert.deepEqual(bySlowPath(text, profile), read.values, `${text} by the library`);
        }
      });
    }
  }
});

describe('keys as Go names them', () => {
  for (const [source = '', raw = '', kustomize = ''] of cells(keys)) {
    for (const [profile, expected] of [['raw', raw] as const, ['kustomize', kustomize] as const]) {
      it(`names the key ${source} ${expected} (${profile})`, () => {
        const text = `${source.startsWith('{') ? `? ${source}\n` : source}: 1\n`;
        const read = readYamlValues(text, { profile });
        if (expected === '!') {
          assert.equal(read.problems[0]?.code, 'invalid-yaml');
          assert.deepEqual(read.values, []);
        } else assert.deepEqual(read.values, [{ [JSON.parse(expected) as string]: 1 }]);
        assert.deepEqual(bySlowPath(text, profile), read.values);
      });
    }
  }
});

function cells(table: string): string[][] {
  return table
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
}

function valueOf(expected: string): unknown {
  return /^-?\d+n$/.test(expected) ? BigInt(expected.slice(0, -1)) : JSON.parse(expected);
}

function bySlowPath(text: string, profile: 'raw' | 'kustomize'): unknown[] {
  return splitDocuments(text)
    .map((piece) => readNodes(text, composePiece(text, piece), profile).value)
    .filter((value) => value !== undefined);
}
