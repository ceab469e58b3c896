import {describe, expect, test} from 'vitest';
import {PageGuard, type PageGuardOptions} from '../../../../src/cluster/read/page-guard.js';
import type {ListQuery, RecordPage, SessionPage} from '../../../../src/session/gate-api.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';
import {temporaryFolder} from '../../../support/temp.js';

const guard = (more: Partial<PageGuardOptions> = {}): PageGuard =>
  new PageGuard({
    ...{node: 'Gate@a', fn: 'GatectlList', looksPerPage: 10, silenceMs: 1000, now: () => 0},
    claim: async () => 5,
    ...more,
  });

/** Pages until the guard refuses one; of an honest listing all of them. */
async function pagesUntilRefused(
  watched: PageGuard,
  page: (at: number) => {readonly next: string; readonly rows: number},
  most = 2000,
): Promise<{readonly pages: number; readonly why: string}> {
  for (let at = 0; at < most; at += 1) {
    try {
      await watched.check(page(at));
    } catch (error) {
      return {pages: at, why: (error as Error).message};
    }
  }
  return {pages: most, why: ''};
}

describe('D2: an endless listing', () => {
  test('is detected by a repeated cursor, however long the cycle is', async () => {
    for (const length of [1, 2, 3, 100]) {
      const {pages, why} = await pagesUntilRefused(guard({claim: async () => 1e6}), (at) => ({
        next: `c${at % length}`,
        rows: 1,
      }));
      expect(why).toBe('Gate@a returned the same cursor twice: its listing does not end');
      expect(pages).toBe(length);
    }
  });

  test('is detected by nearly empty pages, however many sessions the gate claims', async () => {
    const boast = guard({claim: async () => 5e6, leastRowsPerPage: 2});
    const trickle = await pagesUntilRefused(boast, (at) => ({next: String(at), rows: 1}));
    expect(trickle).toEqual({
      pages: 1000,
      why: 'Gate@a returned 1001 rows in 1001 pages: its listing does not end',
    });
    const honest = guard({claim: async () => 5e6, leastRowsPerPage: 2});
    expect((await pagesUntilRefused(honest, (at) => ({next: String(at), rows: 8}))).why).toBe('');
  });

  test('is detected by empty pages, also with a few rows between them', async () => {
    const sparse = await pagesUntilRefused(guard({claim: async () => 255, silenceMs: 1e6}), (at) => ({
      next: String(at),
      rows: at % 4 === 2 ? 1 : 0,
    }));
    expect(sparse.why).toBe('Gate@a returned 152 pages without rows: its listing does not end');
  });

  test('is detected by more rows than the gate reports, with a tolerance for new sessions', async () => {
    const endless = await pagesUntilRefused(guard(), (at) => ({next: String(at), rows: 20}));
    expect(endless).toEqual({
      pages: 2,
      why: 'Gate@a returned 60 rows, but reports a total of 5: its listing does not end',
    });
    let sessions = 100;
    const growing = guard({claim: async () => sessions});
    const honest = await pagesUntilRefused(growing, (at) => {
      sessions = Math.max(sessions, at * 20);
      return {next: String(at), rows: 20};
    });
    expect(honest.why).toBe('');
    const boast = guard({claim: async () => Number.MAX_SAFE_INTEGER});
    const boasted = await pagesUntilRefused(boast, (at) => ({next: String(at), rows: 1e6}));
    expect(boasted.why).toContain('reports a total of 10000000');
  });

  test('is detected by empty pages, some of which a filter may cause', async () => {
    const {pages, why} = await pagesUntilRefused(guard(), (at) => ({next: String(at), rows: 0}));
    expect(why).toBe('Gate@a returned 102 pages without rows: its listing does not end');
    expect(pages).toBe(101);
    const filtered = guard({claim: async () => 10_000});
    expect((await pagesUntilRefused(filtered, (at) => ({next: String(at), rows: 0}), 1000)).why).toBe('');
  });

  test('is detected by a long time without a row', async () => {
    let now = 0;
    const slow = guard({claim: async () => 1e6, now: () => now});
    const {pages, why} = await pagesUntilRefused(slow, (at) => {
      now += 300;
      return {next: String(at), rows: 0};
    });
    expect(why).toBe('Gate@a returned pages without rows for more than 1000 ms: its listing does not end');
    expect(pages).toBe(3);
  });
});

const endless: Readonly<Record<string, (at: number) => {readonly next: string; readonly rows: number}>> = {
  'one cursor': () => ({next: 'a', rows: 1}),
  'cursors in turns': (at) => ({next: at % 2 === 0 ? 'a' : 'b', rows: 1}),
  'ever new cursors': (at) => ({next: `c${at}`, rows: 1}),
  'empty pages': (at) => ({next: `c${at}`, rows: 0}),
};

/** A gate whose listings of sessions and records go on for ever. */
class LyingGate extends FakeGate {
  private asked = 0;

  constructor(private readonly page: (at: number) => {readonly next: string; readonly rows: number}) {
    super('Gate@lies', [aRow({userId: 'liar'})]);
  }

  override async list(): Promise<SessionPage> {
    const {next, rows} = this.page(this.asked++);
    return {rows: Array.from({length: rows}, () => aRow()), next, now: this.now()};
  }

  override async recordList(_: ListQuery): Promise<RecordPage> {
    const {next, rows} = this.page(this.asked++);
    const record = {uid: 'same', value: new Uint8Array(0), revision: '1', expiresAt: 0};
    return {records: Array.from({length: rows}, () => record), next};
  }
}

describe.each(Object.entries(endless))('D2: a gate with %s', (_, page) => {
  const honest = (): FakeGate => {
    const gate = new FakeGate('Gate@honest', [aRow({userId: 'neo', sessionId: 'f00dfeedf00dfeed'})]);
    gate.records.set('neo', {uid: 'neo', value: new Uint8Array(0), revision: '1', expiresAt: 0});
    return gate;
  };
  const world = () => ({gates: [honest(), new LyingGate(page)]});
  const why = expect.stringMatching(/Gate@lies (returned|did not)/);

  test.each([
    ['sessions list -o jsonl', 3, 'f00dfeedf00dfeed'],
    ['sessions list --network tcp -o ids', 3, 'f00dfeedf00dfeed'],
    ['sessions kick --all --dry-run', 3, ''],
    ['sessions kick --all --dry-run --allow-partial -o ids', 0, 'f00dfeedf00dfeed'],
    ['sessions top --by age -o json', 3, 'f00dfeedf00dfeed'],
    ['anomalies -o json', 3, ''],
    ['sessions count --network tcp -o json', 3, ''],
    ['records list -o ids', 3, 'neo'],
  ])('fails alone in %s', async (line, code, row) => {
    const outcome = await gatectl(line, world());
    expect(outcome, outcome.err).toMatchObject({code, err: why});
    expect(outcome.out).toContain(row);
  });

  test('fails alone in snapshot save', async () => {
    await using folder = await temporaryFolder();
    const outcome = await gatectl(`snapshot save ${folder.path}/x.jsonl`, world());
    expect(outcome, outcome.err).toMatchObject({code: 3, err: why});
  });
});
