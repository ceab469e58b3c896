import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import {shells} from '../../../src/cli/line/complete/completion-scripts.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession} from '../../../src/session/session.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';
import {startBus, type TestBus} from '../../support/nats.js';
import {describeOnScreen} from '../../support/on-screen.js';
import {until} from '../../support/poll.js';
import {cleanEnvironment} from '../../support/run-cli.js';
import {openScreen, type Screen} from '../../support/screen.js';
import {findProgram} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

/** Each begins with a letter of its own, so that one letter and a Tab bring all of it. */
const hostile = [
  'a$(touch pwned)',
  'b`touch pwned`',
  'c;touch pwned',
  "d'touch pwned'",
  'e"$(touch pwned)"',
  'f|touch pwned',
  'g&touch pwned',
  'h<x>pwned',
  'i*?[x]{1,2}',
  'j\\n$HOME!!',
  'k #x=y:z@w',
  'l(touch pwned)',
  'm~^%u',
  'n用户 ü',
];

const installed = shells.filter(
  (shell) => process.env['CI'] !== undefined || findProgram(shell) !== undefined,
);

describeOnScreen.each(installed)('A13: completion in a real %s', (shell) => {
  let server: TestBus;
  let bus: Bus;
  let discovery: NatsDiscovery;
  let folder: TemporaryFolder;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startBus(), temporaryFolder()]);
    bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
    discovery = new NatsDiscovery({bus});
    const gate = new FakeGate('Gate@full', [
      ...hostile.map((userId) => aRow({userId})),
      aRow({userId: 'z\n$(touch pwned)', sessionId: 'feed'}),
    ]);
    const value = encodeSession(newSession({userId: 'offline'}));
    gate.records.set('offline', {uid: 'offline', value, revision: '1', expiresAt: 0});
    await fs.writeFile(path.join(folder.path, 'kick.plan'), '');
    const node = aNode(gate.nodeId, {subjectPerFunction: false});
    new Responder({bus, address: node.address, serve: gateCallHandler({gate, pages: gate, type: 'Gate'})});
    await discovery.register(node);
    await bus.flush();
    // what was completed is written down instead of run; the completion itself is the program's
    const program = `'${process.execPath}' '${path.resolve('bin/gatectl.js')}'`;
    const shim = `#!/bin/sh\ncase $1 in __complete|completion) exec ${program} "$@";; esac\nfor word; do printf '%s\\0' "$word"; done >"$RAN.new"\nmv "$RAN.new" "$RAN"\n`;
    await fs.writeFile(path.join(folder.path, 'gatectl'), shim, {mode: 0o700});
  });
  afterAll(async () => {
    await discovery?.close();
    await bus?.close();
    await server?.[Symbol.asyncDispose]();
    await folder?.remove();
  });

  const startup: Readonly<Record<string, readonly [readonly string[], string]>> = {
    bash: [['--norc', '--noprofile', '-i'], 'source <(gatectl completion bash)'],
    zsh: [['-f', '-i'], 'autoload -U compinit; compinit -u -D; source <(gatectl completion zsh)'],
    fish: [['--no-config', '-i'], 'gatectl completion fish | source'],
  };

  async function open(): Promise<Screen> {
    const [args, line] = startup[shell] ?? [[], ''];
    const screen = openScreen(shell, args, {
      columns: 120,
      cwd: folder.path,
      env: {
        ...cleanEnvironment(),
        PATH: `${folder.path}:${process.env['PATH']}`,
        HOME: folder.path,
        XDG_CONFIG_HOME: path.join(folder.path, 'config'),
        XDG_DATA_HOME: path.join(folder.path, 'share'),
        GATECTL_SERVER: server.url,
        GATECTL_COMPLETION_TIMEOUT: '15s',
        RAN: path.join(folder.path, 'ran'),
        INPUTRC: '/dev/null',
        LANG: 'C.UTF-8',
        PS1: '> ',
      },
    });
    screen.send(`${line}; echo rea""dy\r`);
    await screen.shows('ready');
    return screen;
  }

  /** Types a line with a Tab in it, presses Enter, and gives the words that the program then was started with. */
  async function typed(screen: Screen, line: string, expected: string): Promise<readonly string[]> {
    const ran = path.join(folder.path, 'ran');
    await fs.rm(ran, {force: true});
    screen.send(`${line}\t`);
    await screen.shows(expected);
    screen.send('\r');
    const words = await until(async () => await fs.readFile(ran, 'utf8').catch(() => undefined), {
      what: `${line} to be run`,
    });
    return words.split('\0').slice(0, -1);
  }

  test('completes a hostile name as one literal word', async () => {
    await using screen = await open();
    for (const uid of hostile) {
      screen.send('clear\r');
      const letter = uid[0] ?? '';
      const tail = /[\p{L}\d]+(?=\P{L}*$)/u.exec(uid)?.[0] ?? uid;
      const words = await typed(screen, `gatectl sessions find ${letter}`, tail);
      expect(words).toEqual(['sessions', 'find', uid]);
    }
    expect(await fs.readdir(folder.path)).not.toContain('pwned');
  }, 180_000);

  test('completes commands, flags, values and references', async () => {
    await using screen = await open();
    for (const [line, expected] of [
      ['gatectl sess', ['sessions']],
      ['gatectl sessions li', ['sessions', 'list']],
      ['gatectl sessions list --older', ['sessions', 'list', '--older-than']],
      ['gatectl sessions list --output=jsonl', ['sessions', 'list', '--output=jsonl']],
      ['gatectl sessions list -o cs', ['sessions', 'list', '-o', 'csv']],
      ['gatectl gates info Gate@f', ['gates', 'info', 'Gate@full']],
      ['gatectl sessions get Gate@full/fe', ['sessions', 'get', 'Gate@full/feed']],
      ['gatectl bind --duplicate ta', ['bind', '--duplicate', 'takeover']],
      // no space after the slash
      ['gatectl sessions get Gate@f\tfe', ['sessions', 'get', 'Gate@full/feed']],
      ['gatectl sessions list --columns id,rec', ['sessions', 'list', '--columns', 'id,received']],
      ['gatectl sessions list --sort age:d', ['sessions', 'list', '--sort', 'age:desc']],
      ['gatectl sessions list --sort=rec', ['sessions', 'list', '--sort=received']],
      ['gatectl sessions watch --kinds bound,clo', ['sessions', 'watch', '--kinds', 'bound,closed']],
      ['gatectl anomalies --checks gho', ['anomalies', '--checks', 'ghost']],
      ['gatectl sessions count --by gu', ['sessions', 'count', '--by', 'guest']],
      ['gatectl trace --fn IsC', ['trace', '--fn', 'IsConnect']],
      ['gatectl records get off', ['records', 'get', 'offline']],
      ['gatectl apply kick.pl', ['apply', 'kick.plan']],
      ['gatectl sessions kick --resume kick.pl', ['sessions', 'kick', '--resume', 'kick.plan']],
    ] as const) {
      screen.send('clear\r');
      expect(await typed(screen, line, expected.at(-1) ?? '')).toEqual(expected);
    }
  }, 120_000);
});
