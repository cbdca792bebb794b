import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LineIndex } from '../../../../src/core/text/lineIndex.ts';
import { endOfLine, isFirstOnLine, nextLine, startOfLine } from '../../../../src/core/text/lines.ts';
import { applyEdits, smallestEdit } from '../../../../src/core/text/textEdits.ts';

const anyText = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '\r\n', '😀', '\u{1F601}') });

describe('text edits', () => {
  it('turns a text into another by one edit that cuts no character and no line break', () => {
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        const edits = smallestEdit(before, after);
        assert.equal(applyEdits(before, edits), after);
        for (const { span } of edits) {
          for (const offset of [span.start, span.end]) {
            assert.equal(before.startsWith('\n', offset) && before.slice(0, offset).endsWith('\r'), false);
            assert.ok(before.slice(0, offset).isWellFormed());
          }
        }
      }),
    );
  });

  it('makes no edit of equal texts and the smallest of others', () => {
    assert.deepEqual(smallestEdit('abc', 'abc'), []);
    assert.deepEqual(smallestEdit('abc', 'axc'), [{ span: { start: 1, end: 2 }, newText: 'x' }]);
    assert.deepEqual(smallestEdit('a\r\nb', 'a\r\nx\r\nb'), [{ span: { start: 3, end: 3 }, newText: 'x\r\n' }]);
  });

  it('applies edits in any order and refuses those that overlap', () => {
    const edit = (
      start: number,
      end: number,
      newText: string,
    ): { span: { start: number; end: number }; newText: string } => ({
      span: { start, end },
      newText,
    });
    assert.equal(applyEdits('abcd', [edit(3, 4, 'X'), edit(0, 1, ''), edit(1, 1, '-')]), '-bcX');
    assert.throws(() => applyEdits('abcd', [edit(0, 2, ''), edit(1, 3, '')]), RangeError);
  });
});

describe('lines', () => {
  it('finds where lines begin and end, with either line break', () => {
    const text = 'ab\r\n  cd\nef';
    assert.deepEqual([endOfLine(text, 0), endOfLine(text, 5), endOfLine(text, 10)], [2, 8, 11]);
    assert.deepEqual([startOfLine(text, 0), startOfLine(text, 7), startOfLine(text, 11)], [0, 4, 9]);
    assert.deepEqual([nextLine(text, 1), nextLine(text, 4), nextLine(text, 10)], [4, 9, 11]);
    assert.deepEqual([isFirstOnLine(text, 6), isFirstOnLine(text, 7), isFirstOnLine(text, 0)], [true, false, true]);
  });

  it('gives positions of offsets and offsets of positions', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const index = new LineIndex(text);
        assert.equal(index.lineCount, text.split('\n').length);
        for (let offset = 0; offset <= text.length; offset++) {
          const position = index.positionAt(offset);
          assert.equal(index.offsetAt(position), offset);
          assert.equal(position.line, text.slice(0, offset).split('\n').length);
          assert.equal(position.column, offset - text.slice(0, offset).lastIndexOf('\n'));
        }
      }),
    );
  });
});
