import {describe, expect, test} from 'vitest';
import {InterruptedError} from '../../../../../src/base/errors.js';
import {catalogue} from '../../../../../src/cli/catalogue.js';
import {suggestedCommandHint} from '../../../../../src/cli/line/hints/suggest-command.js';
import {commandsByWord} from '../../../../../src/cli/line/hints/synonyms.js';
import {gatectl} from '../../../../support/run-cli.js';

const id = '5f0084b6970dc3';

const shown = '; sessions watch shows clients that connect and leave, audit list shows writes of operators';

describe('an unknown command', () => {
  test.each([
    ['find u42', 'gatectl sessions find u42'],
    ['find u42 --tap 10s --timeout 5s', 'gatectl sessions find u42 --tap 10s --timeout 5s'],
    ['get u42', 'gatectl sessions find u42, or gatectl records get u42'],
    [`get ${id}`, `gatectl sessions get ${id}, or gatectl records get ${id}`],
    ['get Gate@a1', 'gatectl gates info Gate@a1'],
    ['get sessions', 'gatectl sessions list'],
    ['get session 5f0084b6970dc3', 'gatectl sessions get 5f0084b6970dc3'],
    ['get gate Gate@a1', 'gatectl gates info Gate@a1'],
    ['list gates', 'gatectl gates list'],
    ['gate list', 'gatectl gates list'],
    ['session list', 'gatectl sessions list'],
    ['sesions list --limit 5', 'gatectl sessions list --limit 5'],
    ['sessions lst', 'gatectl sessions list'],
    ['sessions u42', 'gatectl sessions find u42'],
    ['sessions ping', 'gatectl gates ping'],
    ['describe sessions', 'gatectl sessions list'],
    ['ping', 'gatectl gates ping'],
    ['nodes', 'gatectl gates list'],
    ['logs --uid u1', `gatectl sessions watch --uid u1, or gatectl audit list --target u1${shown}`],
    ['events', `gatectl sessions watch, or gatectl audit list${shown}`],
    ['online', 'gatectl sessions count'],
    ['who', 'gatectl sessions list'],
    ['status', 'gatectl doctor, or gatectl context show, or gatectl gates info'],
    ['hset u42 vip 1', 'gatectl settings set uid:u42 vip=1 --all-sessions, or gatectl records set u42 vip=1'],
    [
      'monitor',
      'gatectl trace, or gatectl sessions watch; trace shows calls on the bus, sessions watch shows clients that connect and leave',
    ],
    ['logs -f', 'gatectl sessions watch'],
    ['get users -w', 'gatectl sessions watch'],
    ['ps --size --limit 5', 'gatectl sessions list --limit 5 (left out: --size)'],
    ['ps --secret=hunter2 -a', 'gatectl sessions list (left out: --secret -a)'],
    [
      'drop u42 --grace-period 0 --yes',
      'gatectl sessions kick uid:u42 --all-sessions (left out: --grace-period --yes)',
    ],
    ['drop u42 --force=false', 'gatectl sessions kick uid:u42 --all-sessions (left out: --force)'],
    ['ps -phunter2 --password -s3cret', 'gatectl sessions list (left out: -p --password -s)'],
    ['drop u42 --dryrun --yes', 'gatectl sessions kick uid:u42 --dry-run --yes --all-sessions'],
    ['push u42 /t hi --user ops', 'gatectl send uid:u42 /t hi --user ops --all-sessions'],
    [
      'set vip=1 --user=u42',
      'gatectl settings set uid:u42 vip=1 --all-sessions, or gatectl records set u42 vip=1',
    ],
    ['top', 'gatectl sessions top'],
    ['login', 'gatectl context add <name>'],
    ['use prod', 'gatectl context use prod'],
    ['export', 'gatectl records export, or gatectl audit export, or gatectl snapshot save'],
    ['rm u42', 'gatectl records delete u42'],
    ['kick u42', 'gatectl sessions kick u42'],
    ['disconect u42', 'gatectl sessions kick uid:u42 --all-sessions --yes'],
    ['push u42 /t hi', 'gatectl send uid:u42 /t hi --all-sessions'],
    [`kick session ${id} --yes`, `gatectl sessions kick ${id} --yes`],
    ['delete record u42', 'gatectl records delete u42'],
    [`unset ${id} room`, `gatectl settings unset ${id} room`],
    ['help find', 'gatectl sessions find --help'],
    ['find --help', 'gatectl sessions find --help'],
    ['sessions list u42', 'gatectl sessions find u42'],
    ['gates list Gate@a1', 'gatectl gates info Gate@a1'],
  ])('%s: names %s', async (line, meant) => {
    const stop = new AbortController();
    const onErr = (text: string) => {
      if (/^running: gatectl (?:sessions watch|trace)/.test(text)) stop.abort(new InterruptedError('SIGINT'));
    };
    const {code, out, err} = await gatectl(line, {signal: stop.signal, onErr});
    const [first] = meant.split(', or ');
    if (err.startsWith('running: '))
      return expect(
        err
          .split('\n')
          .at(0)
          ?.replace(/ \(or: .*/, ''),
      ).toBe(`running: ${first}`);
    expect({code, out}).toEqual({code: 2, out: ''});
    expect(err.split('\n').at(1)).toBe(`hint: did you mean: ${meant}`);
  });

  test('D10: a suggested line quotes arguments for a shell, and shows no secret', async () => {
    const hint = async (line: readonly string[]) => (await gatectl(line)).err.split('\n')[1];
    expect(await hint(['notify', id, '/t', 'two words'])).toBe(
      `hint: did you mean: gatectl send ${id} /t 'two words'`,
    );
    for (const verb of ['set', 'nodes', 'doctor', 'trace'])
      expect(await hint([verb, id, 'password=hunter2']), verb).not.toContain('hunter2');
    expect(await hint(['find', 'u42', '--password', 'hunter2'])).toBe(
      'hint: did you mean: gatectl sessions find u42 (left out: --password)',
    );
  });

  test('a word that resembles a read and a write suggests the read, and a short word no unlike write', async () => {
    for (const word of ['fnd', 'fimd', 'gett', 'lisst', 'wach', 'cuont', 'fynd', 'lits', 'tpo']) {
      const found = (await suggestedCommandHint({words: [word], flags: []}))?.match(/gatectl [^,]+/g) ?? [];
      expect(found.length, word).toBeGreaterThan(0);
      for (const line of found) expect(riskOf(line), `${word}: ${line}`).toBe('read');
    }
    for (const word of ['bend', 'sand', 'seek'])
      expect((await suggestedCommandHint({words: [word], flags: []})) ?? '').not.toMatch(/kick|delete/);
  });

  test('every guessed word suggests existing commands, all reads or all writes', () => {
    for (const [word, paths] of commandsByWord) {
      const own = paths.filter((path) => path !== '--version').map((path) => path.replace(/ -.*/, ''));
      const risks = own.map((path) => riskOf(`gatectl ${path}`));
      expect(risks, word).not.toContain(undefined);
      expect(new Set(risks.map((risk) => risk === 'read')).size, word).toBeLessThan(2);
    }
  });
});

const riskOf = (line: string): string | undefined =>
  catalogue.find(({path}) => line.startsWith(`gatectl ${path}`))?.risk;
