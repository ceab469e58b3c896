import {readFileSync} from 'node:fs';
import {deflateSync} from 'node:zlib';
import {expect, test} from 'vitest';
import {decodeConsulTags, encodeConsulTags} from '../../../../src/registry/http/consul-tags.js';

const {consulTags} = JSON.parse(readFileSync('test/vectors/registry.json', 'utf8')) as {
  readonly consulTags: Readonly<Record<string, unknown>>;
};

test("reads mqant's tags", () => {
  expect(decodeConsulTags(Object.keys(consulTags))).toEqual({
    metadata: {hostname: 'vm', server: 'rpc'},
    version: '1.0.0',
  });
});

test('reads its own tags', () => {
  const metadata = {server: 'rpc', 'gatectl.subjectPerFunction': '1', 用户: 'ü'};
  expect(decodeConsulTags(encodeConsulTags(metadata, '1.2.3'))).toEqual({metadata, version: '1.2.3'});
});

test.each([
  ['another program', 'urlprefix-/foo'],
  ['no hex', 't-zz'],
  ['no zlib', 't-00ff'],
  ['no JSON', `t-${deflateSync('{{').toString('hex')}`],
  ['values that are no text', `t-${deflateSync('{"a":1}').toString('hex')}`],
  ['a bomb', `t-${deflateSync(Buffer.alloc(10_000_000, 0x20)).toString('hex')}`],
])('ignores the tag of %s', (_, tag) => {
  expect(decodeConsulTags([tag, 7])).toEqual({metadata: {}, version: ''});
});
