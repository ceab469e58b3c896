import {setImmediate as turn} from 'node:timers/promises';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Outbox} from '../../../../src/gate/listen/outbox.js';

/** A socket that remembers what it was told. */
function aSocket() {
  const written: Uint8Array[] = [];
  const corks: string[] = [];
  const socket = {
    write: (bytes: Uint8Array) => written.push(bytes) > 0,
    cork: () => corks.push('cork'),
    uncork: () => corks.push('uncork'),
  };
  return {socket: socket as unknown as ConstructorParameters<typeof Outbox>[0], written, corks};
}

describe("a client's queue", () => {
  test('is written in order at the end of the turn', async () => {
    const piece = fc.uint8Array({minLength: 1, maxLength: 40});
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(piece, {maxLength: 6}), {maxLength: 6}), async (clients) => {
        const sockets = clients.map((pieces) => {
          const {socket, written} = aSocket();
          const outbox = new Outbox(socket);
          for (const one of pieces) outbox.add(one);
          expect(outbox.bytes).toBe(pieces.reduce((sum, one) => sum + one.length, 0));
          return {written, outbox, pieces};
        });
        await turn();
        for (const {written, outbox, pieces} of sockets) {
          expect(Buffer.concat(written)).toEqual(Buffer.concat(pieces));
          expect(written.length).toBe(pieces.length === 0 ? 0 : 1);
          expect(outbox.bytes).toBe(0);
        }
      }),
    );
  });

  test('is joined once for all clients with the same queue', async () => {
    const messages = [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')];
    const sockets = Array.from({length: 3}, aSocket);
    for (const {socket} of sockets) {
      const outbox = new Outbox(socket);
      for (const message of messages) outbox.add(message);
    }
    const other = aSocket();
    const outbox = new Outbox(other.socket);
    for (const message of [messages[0], messages[2]]) outbox.add(message as Buffer);
    await turn();
    const [first] = sockets;
    expect(String(first?.written[0])).toBe('onetwothree');
    for (const {written} of sockets) expect(written[0]).toBe(first?.written[0]);
    expect(String(other.written[0])).toBe('onethree');
  });

  test('is written piece by piece if it is large', async () => {
    const {socket, written, corks} = aSocket();
    const outbox = new Outbox(socket);
    const pieces = [Buffer.alloc(50_000, 1), Buffer.alloc(50_000, 2)];
    for (const piece of pieces) outbox.add(piece);
    await turn();
    expect(written).toEqual(pieces);
    expect(corks).toEqual(['cork', 'uncork']);
  });

  test('is written immediately by flush, and never after it was dropped', async () => {
    const {socket, written} = aSocket();
    const outbox = new Outbox(socket);
    outbox.add(Buffer.from('a'));
    outbox.flush();
    expect(written.map(String)).toEqual(['a']);
    outbox.add(Buffer.from('b'));
    outbox.drop();
    await turn();
    expect(written.map(String)).toEqual(['a']);
  });
});
