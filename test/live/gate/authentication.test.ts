import {createHmac, generateKeyPairSync, randomBytes} from 'node:crypto';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {SignJWT} from 'jose';
import {describe, expect, test} from 'vitest';
import type {Admission, ConnectingClient} from '../../../src/gate/admission/admission.js';
import {hashPassword} from '../../../src/gate/admission/password-file-authenticator.js';
import {type Module, startModule} from '../../../src/module/start-module.js';
import {until} from '../../support/poll.js';
import {startTestGate, type TestGate, type TestGateOptions} from '../../support/test-gate.js';

const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-authentication-'));
const fileOf = (name: string, text: string | Uint8Array): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};

/** Return codes of CONNACK: of MQTT 3.1.1 and of 5. */
async function answersTo(it: TestGate, fields: object): Promise<readonly (number | undefined)[]> {
  const codes: (number | undefined)[] = [];
  for (const version of [4, 5] as const) {
    const raw = await it.raw();
    raw.connect(version, fields);
    const connack = await raw.packet('connack');
    codes.push(version === 5 ? connack.reasonCode : connack.returnCode);
    raw.destroy();
  }
  await until(async () => (await it.gate.api.count()).sessions === 0);
  return codes;
}

const credentials = (username: string, password: string) => ({username, password: Buffer.from(password)});
const accepted = [0, 0];
const badCredentials = [4, 0x86];
const notAuthorized = [5, 0x87];
const unavailable = [3, 0x88];

describe('a module that authenticates', () => {
  async function gateWith(authenticate: (question: unknown) => unknown, options: TestGateOptions = {}) {
    const it = await startTestGate({authenticate: {function: 'Login/Authenticate'}, ...options});
    const login: Module = await startModule({
      type: 'Login',
      id: 'l1',
      bus: it.bus,
      registry: it.registry,
      handlers: {},
      functions: {Authenticate: async ([question]) => authenticate(question) as never},
    });
    return {
      it,
      login,
      [Symbol.asyncDispose]: async () => {
        await login.close(0);
        await it[Symbol.asyncDispose]();
      },
    };
  }

  test('binds the session and gives it settings before the client is connected', async () => {
    const questions: unknown[] = [];
    await using gate = await gateWith((question) => {
      questions.push(question);
      return {allow: true, uid: 'u42', settings: {vip: '1'}};
    });
    const {it} = gate;
    await it.store.put('u42', Buffer.alloc(0), {}).catch(() => {});
    await it.client({...credentials('neo', 'secret'), clientId: 'c1'});
    const [row] = (await it.gate.api.list({})).rows;
    expect(row?.session).toMatchObject({userId: 'u42', settings: {vip: '1'}});
    expect(questions).toEqual([
      {clientId: 'c1', ip: '127.0.0.1', network: 'tcp', username: 'neo', password: 'secret'},
    ]);
  });

  test.each([
    ['true', true, accepted],
    ['false', false, notAuthorized],
    ['a refusal', {allow: false}, notAuthorized],
    ['bad credentials', {allow: false, reason: 'bad credentials'}, badCredentials],
    ['a text for allow', {allow: 'true'}, notAuthorized],
    ['a number for the uid', {allow: true, uid: 5}, notAuthorized],
    ['a number in the settings', {allow: true, settings: {level: 5}}, notAuthorized],
    ['a text', 'yes', notAuthorized],
  ])('that answers %s is obeyed to the letter', async (_, answer, codes) => {
    await using gate = await gateWith(() => answer);
    expect(await answersTo(gate.it, {})).toEqual(codes);
  });

  test('that throws, is late or away refuses', async () => {
    await using gate = await gateWith(() => {
      throw new Error('no');
    });
    expect(await answersTo(gate.it, {})).toEqual(notAuthorized);
    await gate.login.close(0);
    expect(await answersTo(gate.it, {})).toEqual(unavailable);
    await using late = await gateWith(() => new Promise(() => {}), {
      authenticate: {function: 'Login/Authenticate', timeoutMs: 50},
    });
    expect(await answersTo(late.it, {})).toEqual(unavailable);
  });

  test('is asked again each time, unless its answers are cached; refusals never are', async () => {
    let asked = 0;
    let allow = true;
    await using gate = await gateWith(
      () => {
        asked += 1;
        return {allow};
      },
      {authenticate: {function: 'Login/Authenticate', cacheSeconds: 60}},
    );
    await answersTo(gate.it, credentials('neo', 'secret'));
    expect(asked).toBe(1);
    await answersTo(gate.it, credentials('neo', 'other'));
    expect(asked).toBe(2);
    allow = false;
    await answersTo(gate.it, credentials('neo', 'third'));
    expect(asked).toBe(4);
    await gate.it.gate.reloadAuthentication();
    await answersTo(gate.it, credentials('neo', 'secret'));
    expect(asked).toBe(6);
  });
});

test('a password file admits its users, and is read again', async () => {
  const passwordFile = fileOf('players', `# players\nneo:${await hashPassword('white rabbit')}\n`);
  await using it = await startTestGate({authenticate: {passwordFile, userId: 'username'}});
  expect(await answersTo(it, credentials('neo', 'white rabbit'))).toEqual(accepted);
  for (const wrong of [
    credentials('neo', 'White rabbit'),
    credentials('smith', 'white rabbit'),
    {},
    {username: 'neo'},
  ])
    expect(await answersTo(it, wrong)).toEqual(badCredentials);
  await it.client(credentials('neo', 'white rabbit'));
  expect((await it.gate.api.list({})).rows[0]?.session.userId).toBe('neo');
  fileOf('players', 'neo:plain');
  await expect(it.gate.reloadAuthentication()).rejects.toThrow('line 1');
  fileOf('players', `trinity:${await hashPassword('x')}\n`);
  await it.gate.reloadAuthentication();
  await expect(it.client(credentials('neo', 'white rabbit'))).rejects.toThrow(/[Bb]ad [Uu]ser/);
});

describe('a token', () => {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
  const keyFile = fileOf('jwt.pem', publicKey.export({type: 'spki', format: 'pem'}));
  const jwks = {keys: [{...publicKey.export({format: 'jwk'}), kid: 'k1', alg: 'ES256'}]};
  const jwksFile = fileOf('jwks.json', JSON.stringify(jwks));
  const secret = randomBytes(32);
  const secretFile = fileOf('secret', secret);
  const claims = {sub: 'u1', level: 7, admin: true};
  const tokenOf = (
    key: Parameters<SignJWT['sign']>[0],
    alg: string,
    expires = '1h',
    payload: object = claims,
  ) => new SignJWT({...payload}).setProtectedHeader({alg, kid: 'k1'}).setExpirationTime(expires).sign(key);

  test.each([
    ['a public key', {keyFile}, () => tokenOf(privateKey, 'ES256')],
    ['a key set', {jwksFile}, () => tokenOf(privateKey, 'ES256')],
    ['a shared secret', {secretFile}, () => tokenOf(secret, 'HS256')],
  ])('of %s binds the session, and gives settings from claims', async (_, key, token) => {
    const settings = {level: 'level', role: 'admin'};
    await using it = await startTestGate({authenticate: {jwt: {...key, userId: 'sub', settings}}});
    await it.client(credentials('', await token()));
    const [row] = (await it.gate.api.list({})).rows;
    expect(row?.session).toMatchObject({userId: 'u1', settings: {level: '7', role: 'true'}});
  });

  test('that is forged, expired, without an expiry or a needed claim is refused', async () => {
    await using it = await startTestGate({authenticate: {jwt: {keyFile, userId: 'sub'}}});
    const other = generateKeyPairSync('ec', {namedCurve: 'P-256'}).privateKey;
    const eternal = await new SignJWT(claims).setProtectedHeader({alg: 'ES256'}).sign(privateKey);
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    const payload = Buffer.from(JSON.stringify({...claims, exp: 4e9})).toString('base64url');
    // a public key taken for a shared secret
    const confused = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${payload}`;
    const pem = publicKey.export({type: 'spki', format: 'pem'});
    const mac = createHmac('sha256', pem).update(confused).digest('base64url');
    const tokens = [
      await tokenOf(other, 'ES256'),
      await tokenOf(privateKey, 'ES256', '-1h'),
      eternal,
      `${header}.${payload}.`,
      `${confused}.${mac}`,
      'x',
      '',
    ];
    for (const token of tokens) {
      await using fresh = await startTestGate({authenticate: {jwt: {keyFile, userId: 'sub'}}});
      expect(await answersTo(fresh, credentials('', token))).toEqual(badCredentials);
    }
    expect(await answersTo(it, credentials('', await tokenOf(privateKey, 'ES256', '1h', {sub: ''})))).toEqual(
      notAuthorized,
    );
  });

  test('of another issuer or audience, or before its time, is refused', async () => {
    await using it = await startTestGate({
      authenticate: {jwt: {keyFile, issuer: 'login', audience: 'gate'}},
      limits: {refusalPauseMs: 0},
    });
    const signed = (issuer: string, audience: string, notBefore = '-1m') =>
      new SignJWT({...claims})
        .setProtectedHeader({alg: 'ES256'})
        .setExpirationTime('1h')
        .setIssuer(issuer)
        .setAudience(audience)
        .setNotBefore(notBefore)
        .sign(privateKey);
    expect(await answersTo(it, credentials('', await signed('login', 'gate')))).toEqual(accepted);
    for (const token of [signed('other', 'gate'), signed('login', 'shop'), signed('login', 'gate', '1h')])
      expect(await answersTo(it, credentials('', await token))).toEqual(badCredentials);
  });

  test.each(['none', 'HS256', 'rs256'])(
    'with the algorithm %s cannot be allowed for a public key',
    async (name) => {
      const authenticate = {jwt: {keyFile, algorithms: ['ES256', name]}};
      await expect(startTestGate({authenticate})).rejects.toThrow(`invalid algorithm "${name}"`);
    },
  );

  test('with a claim that no session can have is refused, and the gate can still be listed', async () => {
    const authenticate = {jwt: {keyFile, settings: {name: 'name'}}};
    await using it = await startTestGate({authenticate});
    const name = `neo${String.fromCharCode(0xd800)}`;
    const token = await tokenOf(privateKey, 'ES256', '1h', {name});
    expect(await answersTo(it, credentials('', token))).toEqual(notAuthorized);
    expect((await it.gate.api.list({})).rows).toEqual([]);
  });

  test('ends its connection when it expires', async () => {
    await using it = await startTestGate({authenticate: {jwt: {keyFile}}});
    const raw = await it.raw();
    raw.connect(5, credentials('', await tokenOf(privateKey, 'ES256', '1s')));
    await raw.packet('connack');
    expect((await raw.packet('disconnect')).reasonCode).toBe(0xa0);
  });
});

test('F10: refused sign-ins are counted, and slow the next ones of their address down', async () => {
  const times: number[] = [];
  let allow = false;
  const authenticate = (_: ConnectingClient): Admission => {
    times.push(performance.now());
    return {allow};
  };
  await using it = await startTestGate({authenticate, limits: {refusalPauseMs: 2_000}});
  for (let count = 0; count < 3; count += 1) await answersTo(it, {});
  expect(await it.gate.api.stats()).toMatchObject({refused: 6});
  const [last = 0, before = 0] = times.reverse();
  expect(last - before).toBeGreaterThan(900); // 250, 500, then 1,000 ms
  allow = true;
  expect(await answersTo(it, {})).toEqual(accepted);
});

describe('sessions of one user', () => {
  test('above the limit close the oldest, which MQTT 5 clients are told', async () => {
    await using it = await startTestGate({limits: {sessionsPerUser: 2}});
    const first = await it.raw();
    first.connect(5);
    await first.packet('connack');
    const ids = async () => (await it.gate.api.list({})).rows.map(({session}) => session.sessionId);
    const [oldest = ''] = await ids();
    await it.client();
    await it.client();
    for (const id of await ids()) await it.gate.api.bind(id, 'u1');
    expect((await first.packet('disconnect')).reasonCode).toBe(0x8e);
    expect(await ids()).not.toContain(oldest);
    expect(await it.gate.api.find('u1')).toHaveLength(2);
  });

  test('above the limit are refused where the gate says so', async () => {
    const options = {limits: {sessionsPerUser: 1}, sessionsOverLimit: 'refuse'} as const;
    await using it = await startTestGate({...options, authenticate: () => ({allow: true, userId: 'u1'})});
    await it.client();
    const raw = await it.raw();
    raw.connect(5);
    expect((await raw.packet('connack')).reasonCode).toBe(0x97);
    await raw.ended();
    expect(await it.gate.api.find('u1')).toHaveLength(1);
  });
});

test.each([
  ['a lone surrogate in the uid', {allow: true, userId: 'a\ud800'}, 'lone surrogate'],
  ['a long uid', {allow: true, userId: 'x'.repeat(100_000)}, '100000 bytes long'],
  ['a number as uid', {allow: true, userId: 5}, 'not a text'],
  ['a lone surrogate in a setting', {allow: true, settings: {a: '\ud800'}}, 'lone surrogate'],
  ['a number as setting', {allow: true, settings: {a: 5}}, 'not a text'],
  [
    'settings larger than a reply',
    {
      allow: true,
      settings: Object.fromEntries(Array.from({length: 10}, (_, at) => [at, 'x'.repeat(60_000)])),
    },
    'more than',
  ],
  ['an expiry that is no number', {allow: true, expiresAt: Number.NaN}, 'invalid expiresAt NaN'],
  ['an unknown refusal', {allow: false, refusal: 'later'}, 'unknown refusal "later"'],
  ['a text', 'yes', 'expected true, false'],
  ['nothing', undefined, 'expected true, false'],
  ['a text for allow', {allow: 'true'}, undefined],
])('an authenticate function that returns %s refuses, and the gate goes on', async (_, decision, why) => {
  let answer: unknown = decision;
  await using it = await startTestGate({authenticate: () => answer as Admission});
  expect(await answersTo(it, {})).toEqual(notAuthorized);
  if (why !== undefined) expect(it.log.join()).toContain(why);
  answer = true;
  expect(await answersTo(it, {})).toEqual(accepted);
  expect((await it.gate.api.list({})).rows).toEqual([]);
});

test('an authenticate function that throws refuses, and is logged', async () => {
  await using it = await startTestGate({
    authenticate: () => {
      throw new Error('the database is away');
    },
  });
  expect(await answersTo(it, {})).toEqual(notAuthorized);
  expect(it.log[0]).toBe('authentication failed, the client is refused: the database is away');
});
