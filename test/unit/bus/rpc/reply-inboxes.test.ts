import {describe, expect, test} from 'vitest';
import {UsageError} from '../../../../src/base/errors.js';
import {checkReplyInboxes, hintForInboxPrefix, ReplyInboxes} from '../../../../src/bus/rpc/reply-inboxes.js';
import {Responder} from '../../../../src/bus/rpc/responder.js';
import {NodeDirectory} from '../../../../src/registry/node-directory.js';
import {parseNode} from '../../../../src/registry/node-record.js';
import {callBytes} from '../../../support/envelopes.js';
import {FakeBus} from '../../../support/fake-bus.js';
import {aNode, FakeRegistry} from '../../../support/fake-registry.js';

const refusedSubjects = [
  ...[
    '',
    '_INBOX',
    '_INBOX.',
    '_INBOX..a',
    '.a',
    '_INBOX.*',
    '_INBOX.>',
    '_INBOX.a b',
    '_INBOX.a\r\nPUB x 0',
  ],
  ...['_INBOXX.a', '_inbox.a', ' _INBOX.a', '_INBOX.\u202e', `_INBOX.${'a'.repeat(255)}`, '_INBOX_viewerX.a'],
  ...['$KV.sess.u42', '$JS.API.STREAM.PURGE.KV_sess', '$SYS.a', 'mqant.gate.Gate.a', 'mqant.discovery.beat'],
];

describe('A1: reply subjects', () => {
  test.each([
    '_INBOX.a',
    '_INBOX.a.b',
    '_INBOX_viewer.a',
    '_INBOX_tracer.a',
    '_INBOX_support.a',
    '_INBOX_admin.a',
  ])('%j is answered', (subject) => {
    expect(new ReplyInboxes().allows(subject, 'Update')).toBe(true);
  });

  test.each(refusedSubjects)('%j is not answered', (subject) => {
    const replies = new ReplyInboxes();
    expect(replies.allows(subject, 'Update')).toBe(false);
    expect(replies.refused).toBe(1);
  });

  test.each([
    [[]],
    [['']],
    [['_INBOX.>']],
    [['$KV']],
    [['mqant']],
    [['mqant.gate']],
    [['_INBOX.']],
    [['a b']],
  ])('%j cannot be reply inboxes', (prefixes) => {
    expect(() => checkReplyInboxes(prefixes)).toThrow(UsageError);
  });

  test('a list of prefixes replaces the default list', () => {
    const replies = new ReplyInboxes({prefixes: ['_OPS.team']});
    expect(['_OPS.team.a', '_OPS.a', '_INBOX.a'].map((subject) => replies.allows(subject, 'x'))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('refusals are logged at most every ten seconds, counted and escaped for a terminal', () => {
    const lines: string[] = [];
    let now = 1000;
    const replies = new ReplyInboxes({log: (line) => lines.push(line), now: () => now});
    for (let at = 0; at < 1000; at += 1) replies.allows(`$KV.\u001b[2J\u202e${at}`, 'Up\ndate');
    now += 10_000;
    replies.allows('$KV.last', 'Update');
    expect(lines).toEqual([
      expect.stringContaining(
        'refused to answer Up\\u{a}date on "$KV.\\u{1b}[2J\\u{202e}0": not under _INBOX,',
      ),
      expect.stringContaining('"$KV.last": not under _INBOX,'),
    ]);
    expect(lines[1]).toContain('; 999 more since the last log line');
    expect(replies.refused).toBe(1001);
  });

  test('a call whose reply subject is not an inbox is not served; a call without a reply subject is', async () => {
    const bus = new FakeBus();
    const served: string[] = [];
    const serve = async ({fn}: {readonly fn: string}) => {
      served.push(fn);
      return {error: '', resultType: 'null', result: new Uint8Array(0)};
    };
    new Responder({bus, address: 'mqant.gate.Gate.a', functionSubjects: ['Close'], serve});
    bus.publish('mqant.gate.Gate.a', callBytes('1', 'Close', [], {replyTo: '$KV.sess.u42'}), '_INBOX.fake');
    bus.publish('mqant.gate.Gate.a.Close', callBytes('2', 'Update', [], {replyTo: '$KV.sess.u42'}));
    bus.publish('mqant.gate.Gate.a', callBytes('3', 'Send', [], {replyTo: '', reply: false}));
    await bus.flush();
    expect(served).toEqual(['Send']);
    expect(
      bus.published.map(({subject}) => subject).filter((subject) => !subject.startsWith('mqant.')),
    ).toEqual([]);
  });

  test('a node calls only inboxes and subjects of nodes, whatever address a record names', async () => {
    const named = (address: string) => ({...aNode('HelloWorld@h'), address});
    for (const address of ['$KV.sess.u42', 'victim.x', 'mqant.discovery.beat', '_INBOXX.a']) {
      const directory = new NodeDirectory({registry: new FakeRegistry([named(address)]), log: () => {}});
      expect(await directory.find('HelloWorld@h')).toBeUndefined();
      await directory.close();
    }
    for (const address of ['_INBOX.mqant', 'mqant.module.HelloWorld.h']) {
      const directory = new NodeDirectory({registry: new FakeRegistry([named(address)]), log: () => {}});
      expect(await directory.find('HelloWorld@h')).toMatchObject({address});
      await directory.close();
    }
  });

  test('a record whose address is a subject of NATS itself is ignored', () => {
    expect(parseNode({id: 'Gate@a', address: '$JS.API.STREAM.PURGE.KV_sess'}, 'etcd')).toBeUndefined();
  });

  test('an operator with another prefix gets the gate setting that it needs', () => {
    expect(hintForInboxPrefix('_INBOX_viewer')).toBeUndefined();
    expect(hintForInboxPrefix(undefined)).toBeUndefined();
    expect(hintForInboxPrefix('_OPS')).toContain('--reply-inboxes _INBOX,');
  });
});
