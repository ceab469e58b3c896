import {expect, test} from 'vitest';
import {editorCommand} from '../../../../src/cli/edit/run-editor.js';

test.each([
  ['vi', 'linux', {command: 'vi', args: ['/tmp/a b'], shell: false}],
  ['code --wait', 'darwin', {command: 'code', args: ['--wait', '/tmp/a b'], shell: false}],
  [
    '"/opt/my ed" -x',
    'linux',
    {command: '/bin/sh', args: ['-c', '"/opt/my ed" -x "$@"', '"/opt/my ed" -x', '/tmp/a b'], shell: false},
  ],
  ['code --wait', 'win32', {command: 'code --wait "/tmp/a b"', args: [], shell: true}],
])('H15: the editor %s on %s gets the file as one argument', (editor, platform, expected) => {
  expect(editorCommand(editor, '/tmp/a b', platform)).toEqual(expected);
});
